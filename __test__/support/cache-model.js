// What may be answered, and when: users and tokens with the history of each, against which every
// check is judged.
//
// A change is made by one process, or by plain SQL. From the moment at which it was begun its
// effect may show. Once it is acknowledged it must show at once to whoever made it, and after
// `bound` milliseconds to everybody else.

import { now } from './cache-checks.js';

export const SQL = -1;
const SHOWN = 12;

export class Model {
  users = [];
  tokens = [];
  lies = [];

  constructor({ bound, size }) {
    this.bound = bound;
    this.size = size;
  }

  addUser(id, name) {
    const user = {
      id, number: this.users.length, name: this.#history(name), isIn: this.#history(true),
      tokens: new Set(),
    };
    this.users.push(user);
    return user;
  }

  addToken(user, { id, token }) {
    const added = {
      id, token, user, number: this.tokens.length, isLive: this.#history(true), hasEnded: false,
      records: [],
    };
    this.tokens.push(added);
    user.tokens.add(added);
    return added;
  }

  /** Judges `[number, start, end, name or null]` of a process; `undefined` is no answer. */
  judge(process, [number, start, end, answer]) {
    const token = this.tokens[number];
    token.records.push({ process, start, end, answer });
    if (token.records.length > 3 * SHOWN) token.records.splice(0, SHOWN);
    if (answer === undefined) return;
    const { user } = token;
    const during = (history) => history.during(process, start, end);
    const [isLive, isIn] = [during(token.isLive), during(user.isIn)];
    const isFair =
      answer === null
        ? isLive.includes(false) || isIn.includes(false)
        : isLive.includes(true) && isIn.includes(true) && during(user.name).includes(answer);
    if (!isFair) this.lies.push(this.#story(token, { process, start, end, answer }));
  }

  #history(value) {
    return new History(value, this);
  }

  #story(token, lie) {
    const { user } = token;
    const at = (time) => `${(time - lie.start).toFixed(2)} ms`;
    const told = ({ process, start, end, answer }) =>
      `  process ${process} asked at ${at(start)}, heard ${JSON.stringify(answer)} at ${at(end)}`;
    return [
      `token ${token.number} of user ${user.number}, bound ${this.bound} ms:`,
      told(lie),
      ...[['the session is live', token.isLive], ['the user is in', user.isIn],
        ['the name', user.name]].flatMap(([what, { versions }]) =>
        versions.map(({ value, begun, deadlines }) =>
          `  ${what}: ${value} from ${at(begun)}, and nothing older after ${deadlines.map(at)}`)),
      '  before that:',
      ...token.records.slice(-SHOWN).map(told),
    ].join('\n');
  }
}

/** The values of one thing, each with when it began to show and when older ones may no more. */
class History {
  constructor(value, { bound, size }) {
    this.bound = bound;
    this.versions = [{ value, begun: -Infinity, deadlines: Array(size).fill(-Infinity) }];
  }

  /** Notes that a change is begun; what it returns is told who made it, and when it was done. */
  begin(value, begun = now()) {
    const version = { value, begun, deadlines: this.versions[0].deadlines.map(() => Infinity) };
    this.versions.push(version);
    return (maker, done) => {
      version.deadlines = version.deadlines.map((deadline, process) =>
        Math.min(deadline, process === maker ? done : done + this.bound));
    };
  }

  /** What a process may answer to a check that took from `start` to `end`. */
  during(process, start, end) {
    const values = [];
    for (let i = this.versions.length - 1; i >= 0; i -= 1) {
      const { value, begun, deadlines } = this.versions[i];
      if (begun <= end) values.push(value);
      if (deadlines[process] < start) break;
    }
    return values;
  }
}
