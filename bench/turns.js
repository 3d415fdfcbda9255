// Who does what, and in which order: one anew for each repetition, so that nobody always follows
// the same neighbour.

/** @param {{ floor: object, subjects: object[] }} who @param {{ floors, cases }} options */
export function turnsOf({ floor, subjects }, { floors, cases }) {
  return [
    ...floors.map((what) => ({ who: floor, what })),
    ...cases.flatMap((what) => subjects.map((who) => ({ who, what }))),
  ];
}

/** One sample. @param {import('./http-load.js').HttpLoad} load */
export async function take({ who, what }, load, { milliseconds, loopDelay }) {
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
