BEGIN TRANSACTION;
CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    epoch INTEGER,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE columns (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run_id, name)
);
INSERT INTO "columns" VALUES('5b4628b7a901-0000','epoch',X'01000000000000000200000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','training_loss',X'000000000000D03F000000000000D03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','learning_rate',X'7B14AE47E17A843F7B14AE47E17A843F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','seconds',X'000000000000F83F000000000000F83F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','is_best',X'01000000000000000100000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_mse',X'0000000000000240000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_mae',X'000000000000E83F000000000000E03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_rmse',X'000000000000F83F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_mre',X'000000000000E03F000000000000E03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_count',X'0B000000000000000B00000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_original_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_original_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_original_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_original_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_original_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','common_original_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_original_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_original_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_original_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_original_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_original_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0000','own_original_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','epoch',X'01000000000000000200000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','training_loss',X'000000000000D03F000000000000D03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','learning_rate',X'7B14AE47E17A843F7B14AE47E17A843F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','seconds',X'000000000000F83F000000000000F83F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','is_best',X'01000000000000000100000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_mse',X'00000000000019400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_mae',X'000000000000F43F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_rmse',X'00000000000004400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_mre',X'000000000000E03F000000000000E03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_count',X'0B000000000000000B00000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_original_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_original_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_original_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_original_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_original_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','common_original_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_original_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_original_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_original_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_original_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_original_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0001','own_original_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','epoch',X'01000000000000000200000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','training_loss',X'000000000000D03F000000000000D03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','learning_rate',X'7B14AE47E17A843F7B14AE47E17A843F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','seconds',X'000000000000F83F000000000000F83F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','is_best',X'01000000000000000100000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_mse',X'00000000008028400000000000002240');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_mae',X'000000000000FC3F000000000000F83F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_rmse',X'0000000000000C400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_mre',X'000000000000E03F000000000000E03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_count',X'0B000000000000000B00000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_original_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_original_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_original_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_original_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_original_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','common_original_count',X'05000000000000000500000000000000');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_original_mse',X'000000000000F03F000000000000F03F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_original_mae',X'00000000000000400000000000000040');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_original_rmse',X'00000000000008400000000000000840');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_original_mre',X'00000000000010400000000000001040');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_original_mase',X'000000000000F87F000000000000F87F');
INSERT INTO "columns" VALUES('5b4628b7a901-0002','own_original_count',X'05000000000000000500000000000000');
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    experiment_id TEXT REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
);
INSERT INTO "events" VALUES(1,1.79567438337908363344e+09,'5b4628b7a901','5b4628b7a901-0000','started','Process 13917.');
INSERT INTO "events" VALUES(2,1.79567438338017725937e+09,'5b4628b7a901','5b4628b7a901-0000','finished','');
INSERT INTO "events" VALUES(3,1.79567438338042473797e+09,'5b4628b7a901','5b4628b7a901-0001','started','Process 13917.');
INSERT INTO "events" VALUES(4,1.79567438338103747361e+09,'5b4628b7a901','5b4628b7a901-0001','failed','It failed.');
INSERT INTO "events" VALUES(5,1.79567438338124918937e+09,'5b4628b7a901','5b4628b7a901-0002','started','Process 13917.');
INSERT INTO "events" VALUES(6,1.79567438338186359404e+09,'5b4628b7a901','5b4628b7a901-0002','stopped','It stopped.');
CREATE TABLE experiments (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    created REAL NOT NULL
);
INSERT INTO "experiments" VALUES(1,'5b4628b7a901','tiny','{"schema_version":1,"name":"tiny","data":{"path":"data/89a5a32140e287bcce833c8f14b75247eab98eb4b2a84a8cb1fb5b1658794f7f/tiny.csv","reading":{"layout":"wide","clock":"time","time":"time","time_parts":null,"series":"","channels":["a","b"],"variable":null,"value":null,"separator":",","decimal":".","encoding":"utf-8","header":true,"skip":0,"day_first":null,"epoch":null,"timezone":null,"missing_tokens":["","NA","N/A","n/a","#N/A","#NA","<NA>","NaN","nan","-nan","NAN","null","NULL","None","none","nil","NIL","missing","-","--","?","."],"sentinels":{},"ragged":"error","duplicates":"error","sheet":null,"units":{}},"sha256":"89a5a32140e287bcce833c8f14b75247eab98eb4b2a84a8cb1fb5b1658794f7f"},"recipe":{"schema_version":1,"layers":[{"name":"","rule":{"kind":"mcar","rate":0.3,"together":false,"seed":1},"channels":null,"series":null,"scope":"both","combine":"hide","enabled":true,"locked":false,"opacity":1.0,"colour":null}]},"split":{"by":"time","training":0.7,"validation":0.15,"validation_series":[],"test_series":[]},"task":{"kind":"forecast","window":8,"horizon":2,"targets":null},"strategies":[{"kind":"zero_fill","value":0.0,"zero":"raw"},{"kind":"carry","collapse":"any","indicator":false}],"seeds":[0,1],"model":{"hidden_size":4,"num_layers":1,"dropout":0.0,"bidirectional":false,"head":"last"},"training":{"epochs":3,"batch_size":64,"learning_rate":0.005,"weight_decay":0.0001,"schedule":"one_cycle","clip_norm":1.0,"loss":"mse","loss_on":"scored","patience":null,"halving":null,"training_windows":64,"validation_windows":1000,"stride":1,"longest_gap":0,"shortest":null,"scaling":"standardise","scaling_over":"all","device":"cpu","precision":"float32","deterministic":true}}',1.79567438337480926513e+09);
CREATE TABLE facts (
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment_id, name)
);
INSERT INTO "facts" VALUES('5b4628b7a901','origin','"tiny.csv"');
INSERT INTO "facts" VALUES('5b4628b7a901','notes','["A note."]');
CREATE TABLE parameters (
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (run_id, name)
);
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','task.kind','"forecast"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','task.window','8');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','task.horizon','2');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','task.targets','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','model.hidden_size','4');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','model.num_layers','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','model.dropout','0.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','model.bidirectional','false');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','model.head','"last"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.epochs','3');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.batch_size','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.learning_rate','0.005');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.weight_decay','0.0001');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.schedule','"one_cycle"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.clip_norm','1.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.loss','"mse"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.loss_on','"scored"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.patience','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.halving','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.training_windows','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.validation_windows','1000');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.stride','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.longest_gap','0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.shortest','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.scaling','"standardise"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.scaling_over','"all"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.device','"cpu"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.precision','"float32"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','training.deterministic','true');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','split.by','"time"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','split.training','0.7');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','split.validation','0.15');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','split.validation_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','split.test_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','strategy.kind','"zero_fill"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','strategy.value','0.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','strategy.zero','"raw"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0000','seed','0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','task.kind','"forecast"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','task.window','8');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','task.horizon','2');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','task.targets','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','model.hidden_size','4');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','model.num_layers','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','model.dropout','0.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','model.bidirectional','false');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','model.head','"last"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.epochs','3');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.batch_size','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.learning_rate','0.005');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.weight_decay','0.0001');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.schedule','"one_cycle"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.clip_norm','1.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.loss','"mse"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.loss_on','"scored"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.patience','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.halving','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.training_windows','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.validation_windows','1000');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.stride','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.longest_gap','0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.shortest','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.scaling','"standardise"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.scaling_over','"all"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.device','"cpu"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.precision','"float32"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','training.deterministic','true');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','split.by','"time"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','split.training','0.7');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','split.validation','0.15');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','split.validation_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','split.test_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','strategy.kind','"carry"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','strategy.collapse','"any"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','strategy.indicator','false');
INSERT INTO "parameters" VALUES('5b4628b7a901-0001','seed','0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','task.kind','"forecast"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','task.window','8');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','task.horizon','2');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','task.targets','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','model.hidden_size','4');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','model.num_layers','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','model.dropout','0.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','model.bidirectional','false');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','model.head','"last"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.epochs','3');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.batch_size','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.learning_rate','0.005');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.weight_decay','0.0001');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.schedule','"one_cycle"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.clip_norm','1.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.loss','"mse"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.loss_on','"scored"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.patience','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.halving','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.training_windows','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.validation_windows','1000');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.stride','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.longest_gap','0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.shortest','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.scaling','"standardise"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.scaling_over','"all"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.device','"cpu"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.precision','"float32"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','training.deterministic','true');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','split.by','"time"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','split.training','0.7');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','split.validation','0.15');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','split.validation_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','split.test_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','strategy.kind','"zero_fill"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','strategy.value','0.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','strategy.zero','"raw"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0002','seed','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','task.kind','"forecast"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','task.window','8');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','task.horizon','2');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','task.targets','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','model.hidden_size','4');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','model.num_layers','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','model.dropout','0.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','model.bidirectional','false');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','model.head','"last"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.epochs','3');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.batch_size','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.learning_rate','0.005');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.weight_decay','0.0001');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.schedule','"one_cycle"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.clip_norm','1.0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.loss','"mse"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.loss_on','"scored"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.patience','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.halving','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.training_windows','64');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.validation_windows','1000');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.stride','1');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.longest_gap','0');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.shortest','null');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.scaling','"standardise"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.scaling_over','"all"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.device','"cpu"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.precision','"float32"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','training.deterministic','true');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','split.by','"time"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','split.training','0.7');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','split.validation','0.15');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','split.validation_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','split.test_series','[]');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','strategy.kind','"carry"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','strategy.collapse','"any"');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','strategy.indicator','false');
INSERT INTO "parameters" VALUES('5b4628b7a901-0003','seed','1');
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated REAL NOT NULL
);
INSERT INTO "projects" VALUES('p','{}',1,1.79567438338222932821e+09);
CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    training_loss REAL,
    learning_rate REAL NOT NULL,
    seconds REAL NOT NULL,
    is_best INTEGER NOT NULL,
    common_mse REAL,
    common_mae REAL,
    common_rmse REAL,
    common_mre REAL,
    common_count INTEGER NOT NULL,
    own_mse REAL,
    own_mae REAL,
    own_rmse REAL,
    own_mre REAL,
    own_count INTEGER NOT NULL,
    common_original_mse REAL,
    common_original_mae REAL,
    common_original_rmse REAL,
    common_original_mre REAL,
    common_original_count INTEGER NOT NULL,
    own_original_mse REAL,
    own_original_mae REAL,
    own_original_rmse REAL,
    own_original_mre REAL,
    own_original_count INTEGER NOT NULL, common_mase REAL, own_mase REAL, common_original_mase REAL, own_original_mase REAL,
    UNIQUE (run_id, epoch)
);
INSERT INTO "reports" VALUES(1,'5b4628b7a901-0000',1,0.25,0.01,1.5,1,2.25,0.75,1.5,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(2,'5b4628b7a901-0000',2,0.25,0.01,1.5,1,1.0,0.5,1.0,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(3,'5b4628b7a901-0001',1,0.25,0.01,1.5,1,6.25,1.25,2.5,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(4,'5b4628b7a901-0001',2,0.25,0.01,1.5,1,4.0,1.0,2.0,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(5,'5b4628b7a901-0002',1,0.25,0.01,1.5,1,12.25,1.75,3.5,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(6,'5b4628b7a901-0002',2,0.25,0.01,1.5,1,9.0,1.5,3.0,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
CREATE TABLE "runs" (
    id TEXT PRIMARY KEY,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    strategy_json TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'paused', 'finished', 'stopped', 'failed')),
    starts INTEGER NOT NULL DEFAULT 0,
    stop_requested INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL,
    best_score REAL,
    seconds REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    pid INTEGER,
    process TEXT,
    heartbeat REAL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    priority INTEGER NOT NULL DEFAULT 0,
    place REAL NOT NULL,
    deaths INTEGER NOT NULL DEFAULT 0,
    rung INTEGER NOT NULL DEFAULT 0,
    resumed_from INTEGER NOT NULL DEFAULT 0,
    device TEXT NOT NULL DEFAULT '',
    host TEXT NOT NULL DEFAULT '',
    memory INTEGER,
    environment TEXT NOT NULL DEFAULT '{}',
    newest INTEGER NOT NULL DEFAULT 0,
    UNIQUE (experiment_id, strategy_json, seed)
);
INSERT INTO "runs" VALUES('5b4628b7a901-0000','5b4628b7a901',0,'zero_fill','{"kind":"zero_fill","value":0.0,"zero":"raw"}',0,'finished',1,0,2,3,1.0,3.0,'',13917,'13917@292729@cf5721cb',1.79567438337961888311e+09,1.79567438337480926513e+09,1.79567438337893176079e+09,1.79567438337984681129e+09,0,1.0,0,0,0,'','',0,'{}',2);
INSERT INTO "runs" VALUES('5b4628b7a901-0001','5b4628b7a901',1,'carry','{"kind":"carry","collapse":"any","indicator":false}',0,'failed',1,0,2,3,2.0,3.0,'It failed.',13917,'13917@292729@cf5721cb',1.79567438338070940965e+09,1.79567438337480926513e+09,1.79567438338038420681e+09,1.79567438338085770608e+09,0,2.0,0,0,0,'','',0,'{}',4);
INSERT INTO "runs" VALUES('5b4628b7a901-0002','5b4628b7a901',2,'zero_fill','{"kind":"zero_fill","value":0.0,"zero":"raw"}',1,'stopped',1,0,2,3,3.0,3.0,'It stopped.',13917,'13917@292729@cf5721cb',1.79567438338151121142e+09,1.79567438337480926513e+09,1.79567438338121247286e+09,1.79567438338167953493e+09,0,3.0,0,0,0,'','',0,'{}',6);
INSERT INTO "runs" VALUES('5b4628b7a901-0003','5b4628b7a901',3,'carry','{"kind":"carry","collapse":"any","indicator":false}',1,'queued',0,0,0,3,NULL,0.0,'',NULL,NULL,NULL,1.79567438337480926513e+09,NULL,NULL,0,4.0,0,0,0,'','',NULL,'{}',0);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE tags (
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    UNIQUE (experiment_id, run_id, tag)
);
INSERT INTO "tags" VALUES('5b4628b7a901',NULL,'mine');
CREATE INDEX events_by_run ON events (run_id);
CREATE INDEX runs_by_status ON runs (status, priority DESC, place);
CREATE INDEX artifacts_by_run ON artifacts (experiment_id, run_id, kind);
CREATE TRIGGER columns_go_at_insert AFTER insert ON reports BEGIN DELETE FROM columns WHERE run_id = new.run_id; END;
CREATE TRIGGER columns_go_at_update AFTER update ON reports BEGIN DELETE FROM columns WHERE run_id = new.run_id; END;
CREATE TRIGGER columns_go_at_delete AFTER delete ON reports BEGIN DELETE FROM columns WHERE run_id = old.run_id; END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('experiments',1);
INSERT INTO "sqlite_sequence" VALUES('events',6);
INSERT INTO "sqlite_sequence" VALUES('reports',6);
PRAGMA application_id = 1298948450;
PRAGMA user_version = 3;
COMMIT;
