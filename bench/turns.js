// Who does what, and in which order: one anew for each repetition, so that nobody always follows
// the same neighbour.

/**
 * Groups of those that take their turns together: a case that is cut into slices with its floor,
 * everything else by itself.
 *
 * @param {{ floor: object, subjects: object[] }} who @param {{ floors, cases }} options
 */
export function groupsOf({ floor, subjects }, { floors, cases }) {
  const of = (what) => subjects.map((who) => ({ who, what }));
  const sliced = cases.filter(({ slices }) => slices);
  const whole = cases.filter(({ slices }) => !slices);
  return [
    ...floors.map((what) => {
      const above = sliced.filter((one) => one.floor === what.name);
      return { slices: above[0]?.slices ?? 1, turns: [{ who: floor, what }, ...above.flatMap(of)] };
    }),
    ...whole.flatMap(of).map((turn) => ({ slices: 1, turns: [turn] })),
  ];
}

/** Before each slice, milliseconds; not counted. */
const LEAD_IN = 50;

/** A sample of each: `{ turn, sample }`. */
export async function takeAll({ slices, turns }, load, times) {
  const parts = new Map(turns.map((turn) => [turn, []]));
  const each = { ...times, milliseconds: times.milliseconds / slices };
  for (let i = 0; i < slices; i += 1) {
    for (const turn of shuffled(turns)) {
      // The caches of the processor hold what the others did.
      if (slices > 1) await take(turn, load, { ...each, milliseconds: LEAD_IN });
      parts.get(turn).push(await take(turn, load, each));
    }
  }
  return turns.map((turn) => ({ turn, sample: joined(parts.get(turn)) }));
}

/** @param {import('./http-load.js').HttpLoad} load */
async function take({ who, what }, load, { milliseconds, loopDelay }) {
  const { how, operation, concurrency } = what;
  if (how === 'http') {
    who.target ??= {
      port: await who.worker.call('listen'),
      requests: await who.worker.call('requests'),
    };
    return load.run(who.worker, who.target, { connections: concurrency, milliseconds });
  }
  const time = how === 'loopDelay' ? loopDelay : milliseconds;
  return who.worker.call(how, { operation, concurrency, milliseconds: time });
}

export function shuffled(list) {
  const left = [...list];
  return list.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

function joined(parts) {
  if (parts.length === 1) return parts[0];
  const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
  const count = sum((part) => part.count);
  return {
    count,
    perSecond: count / sum((part) => part.count / part.perSecond),
    cpu: sum((part) => part.cpu * part.count) / count,
  };
}
