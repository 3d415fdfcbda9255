// The options that a function takes, as it tells them itself: a name that is like no other is
// refused with the list of those that there are.

/** The paths of all options. Objects of options are asked in turn. */
export async function optionsOf(call, parents = []) {
  const unknown = { qqqqqqqqqqqqqqqqqqqq: true };
  const nested = parents.reduceRight((value, name) => ({ [name]: value }), unknown);
  const refusal = await refusalOf(() => call(nested));
  const [, list] = /is not an option; the options here are (.*)$/.exec(refusal ?? '') ?? [];
  if (list === undefined) return [parents.join('.')];
  const paths = [];
  for (const name of list.split(', ')) paths.push(...(await optionsOf(call, [...parents, name])));
  return paths;
}

/** What a call is refused with; `undefined` when it is not. */
export async function refusalOf(call) {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error.message;
  }
}
