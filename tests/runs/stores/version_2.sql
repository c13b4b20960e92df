BEGIN TRANSACTION;
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    experiment_id TEXT REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
);
INSERT INTO "events" VALUES(1,1.79564760477056670185e+09,'5b4628b7a901','5b4628b7a901-0000','started','Process 11878.');
INSERT INTO "events" VALUES(2,1.79564760477134394644e+09,'5b4628b7a901','5b4628b7a901-0000','finished','');
INSERT INTO "events" VALUES(3,1.79564760477156138418e+09,'5b4628b7a901','5b4628b7a901-0001','started','Process 11878.');
INSERT INTO "events" VALUES(4,1.79564760477196836471e+09,'5b4628b7a901','5b4628b7a901-0001','failed','It failed.');
INSERT INTO "events" VALUES(5,1.79564760477214670174e+09,'5b4628b7a901','5b4628b7a901-0002','started','Process 11878.');
INSERT INTO "events" VALUES(6,1.79564760477251696589e+09,'5b4628b7a901','5b4628b7a901-0002','stopped','It stopped.');
CREATE TABLE experiments (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    created REAL NOT NULL
);
INSERT INTO "experiments" VALUES(1,'5b4628b7a901','tiny','{"schema_version":1,"name":"tiny","data":{"path":"data/89a5a32140e287bcce833c8f14b75247eab98eb4b2a84a8cb1fb5b1658794f7f/tiny.csv","reading":{"layout":"wide","clock":"time","time":"time","time_parts":null,"series":"","channels":["a","b"],"variable":null,"value":null,"separator":",","decimal":".","encoding":"utf-8","header":true,"skip":0,"day_first":null,"epoch":null,"timezone":null,"missing_tokens":["","NA","N/A","n/a","#N/A","#NA","<NA>","NaN","nan","-nan","NAN","null","NULL","None","none","nil","NIL","missing","-","--","?","."],"sentinels":{},"ragged":"error","duplicates":"error","sheet":null,"units":{}},"sha256":"89a5a32140e287bcce833c8f14b75247eab98eb4b2a84a8cb1fb5b1658794f7f"},"recipe":{"schema_version":1,"layers":[{"name":"","rule":{"kind":"mcar","rate":0.3,"together":false,"seed":1},"channels":null,"series":null,"scope":"both","combine":"hide","enabled":true,"locked":false,"opacity":1.0,"colour":null}]},"split":{"by":"time","training":0.7,"validation":0.15,"validation_series":[],"test_series":[]},"task":{"kind":"forecast","window":8,"horizon":2,"targets":null},"strategies":[{"kind":"zero_fill","value":0.0,"zero":"raw"},{"kind":"carry","collapse":"any","indicator":false}],"seeds":[0,1],"model":{"hidden_size":4,"num_layers":1,"dropout":0.0,"bidirectional":false,"head":"last"},"training":{"epochs":3,"batch_size":64,"learning_rate":0.005,"weight_decay":0.0001,"schedule":"one_cycle","clip_norm":1.0,"loss":"mse","loss_on":"scored","patience":null,"training_windows":64,"validation_windows":1000,"stride":1,"longest_gap":0,"shortest":null,"scaling":"standardise","scaling_over":"all","device":"cpu","precision":"float32","deterministic":true}}',1.79564760475384449954e+09);
CREATE TABLE facts (
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment_id, name)
);
INSERT INTO "facts" VALUES('5b4628b7a901','origin','"tiny.csv"');
INSERT INTO "facts" VALUES('5b4628b7a901','notes','["A note."]');
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated REAL NOT NULL
);
INSERT INTO "projects" VALUES('p','{}',1,1.79564760477273058884e+09);
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
INSERT INTO "reports" VALUES(1,'5b4628b7a901-0000',1,0.25,0.01,1.5,1,4.0,1.0,2.0,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(2,'5b4628b7a901-0000',2,0.25,0.01,1.5,1,2.25,0.75,1.5,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(3,'5b4628b7a901-0001',1,0.25,0.01,1.5,1,4.0,1.0,2.0,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(4,'5b4628b7a901-0001',2,0.25,0.01,1.5,1,6.25,1.25,2.5,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(5,'5b4628b7a901-0002',1,0.25,0.01,1.5,1,4.0,1.0,2.0,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
INSERT INTO "reports" VALUES(6,'5b4628b7a901-0002',2,0.25,0.01,1.5,1,12.25,1.75,3.5,0.5,11,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,1.0,2.0,3.0,4.0,5,NULL,NULL,NULL,NULL);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    strategy_json TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'finished', 'stopped', 'failed')),
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
    UNIQUE (experiment_id, strategy_json, seed)
);
INSERT INTO "runs" VALUES('5b4628b7a901-0000','5b4628b7a901',0,'zero_fill','{"kind":"zero_fill","value":0.0,"zero":"raw"}',0,'finished',1,0,2,3,1.5,3.0,'',11878,'11878@175215@d5b0743e',1.79564760477109408381e+09,1.79564760475384449954e+09,1.79564760477039742471e+09,1.79564760477127861979e+09);
INSERT INTO "runs" VALUES('5b4628b7a901-0001','5b4628b7a901',1,'carry','{"kind":"carry","collapse":"any","indicator":false}',0,'failed',1,0,2,3,2.5,3.0,'It failed.',11878,'11878@175215@d5b0743e',1.79564760477181816098e+09,1.79564760475384449954e+09,1.79564760477152085297e+09,1.79564760477194595338e+09);
INSERT INTO "runs" VALUES('5b4628b7a901-0002','5b4628b7a901',2,'zero_fill','{"kind":"zero_fill","value":0.0,"zero":"raw"}',1,'stopped',1,0,2,3,3.5,3.0,'It stopped.',11878,'11878@175215@d5b0743e',1.79564760477235960955e+09,1.79564760475384449954e+09,1.79564760477211236952e+09,1.79564760477249646189e+09);
INSERT INTO "runs" VALUES('5b4628b7a901-0003','5b4628b7a901',3,'carry','{"kind":"carry","collapse":"any","indicator":false}',1,'queued',0,0,0,3,NULL,0.0,'',NULL,NULL,NULL,1.79564760475384449954e+09,NULL,NULL);
CREATE INDEX runs_by_status ON runs (status, experiment_id, position);
CREATE INDEX events_by_run ON events (run_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('experiments',1);
INSERT INTO "sqlite_sequence" VALUES('events',6);
INSERT INTO "sqlite_sequence" VALUES('reports',6);
COMMIT;
PRAGMA application_id = 1298948450;
PRAGMA user_version = 2;
