// How every script runs cargo: with the host named as the target, because `napi build` names it too
// and cargo keeps a second set of all dependencies otherwise; and by the lock file.

export function cargo(command, ...args) {
  return ['cargo', command, '--locked', '--target', 'host-tuple', ...args];
}
