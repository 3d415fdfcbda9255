// Says at compile time that a value has exactly a type: `expectType<Expected>()(value)`.

export function expectType<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._mismatch: Equal<Actual, Expected> extends true ? [] : [never]
  ): void => {};
}

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
