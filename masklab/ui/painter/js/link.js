// The way to Python: operations are kept until it acknowledges them, and sent again until then.

const RESEND_AFTER = 2500;
const WAITING_AFTER = 1500;

class Link {
  constructor(changed) {
    this.changed = changed;
    this.client = crypto.randomUUID ? crypto.randomUUID() : `c${Date.now()}-${Math.floor(Math.random() * 1e9)}`;
    this.next = 1;
    this.queue = [];
    this.document = null;
    this.setState = () => {};
    this.timer = setInterval(() => this.resend(), 500);
  }

  close() {
    clearInterval(this.timer);
  }

  // What an earlier canvas of this tab could not get acknowledged (a reload in mid-stroke).
  adopt(document) {
    if (this.document === document) return;
    this.document = document;
    try {
      const left = JSON.parse(sessionStorage.getItem(this.place()) || "[]");
      this.queue = [...left.filter((one) => one.client !== this.client), ...this.queue];
    } catch {
      this.queue = [...this.queue]; // no storage here: only a reload in mid-stroke could lose one
    }
    if (this.queue.length) this.send();
  }

  place() {
    return `masklab.painter.${this.document}`;
  }

  add(operation) {
    this.queue.push({ client: this.client, seq: this.next++, born: Date.now(), ...operation });
    this.send();
  }

  send() {
    this.sent = Date.now();
    this.remember();
    this.setState("ops", this.queue.map(({ born, ...operation }) => operation));
    this.changed();
  }

  resend() {
    if (this.queue.length && Date.now() - this.sent > RESEND_AFTER) this.send();
    else if (this.queue.length) this.changed();
  }

  acknowledge(acknowledged) {
    const before = this.queue.length;
    const done = this.queue.filter((one) => one.seq <= (acknowledged[one.client] || 0));
    if (!done.length) return done;
    this.queue = this.queue.filter((one) => one.seq > (acknowledged[one.client] || 0));
    this.remember();
    if (before) this.changed();
    return done;
  }

  remember() {
    try {
      sessionStorage.setItem(this.place(), JSON.stringify(this.queue));
    } catch {
      return; // storage is full or forbidden: the queue in memory goes on
    }
  }

  // Edits on their way, less those that an undo on its way takes back.
  edits(series) {
    const edits = [];
    for (const one of this.queue) {
      if (one.action === "undo") edits.pop();
      else if (one.action !== "redo") edits.push(one);
    }
    return edits.filter((one) => one.series === series);
  }

  waiting() {
    const late = this.queue.filter((one) => Date.now() - one.born > WAITING_AFTER);
    return late.length ? this.queue.length : 0;
  }
}
