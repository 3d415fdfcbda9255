// The platforms that have a package of their own, and how each is built and called.

/** Of the published Linux addons: older than what any Node that we support asks for. */
export const GLIBC_FLOOR = '2.17';

/**
 * - `target`: for cargo
 * - `zig`: the target for cargo-zigbuild, where the addon is not built on such a system itself
 * - `os`, `cpu`, `libc`: which systems a package manager installs it on
 * - `describe`: the system in words
 */
export const PLATFORMS = {
  'darwin-arm64': {
    target: 'aarch64-apple-darwin',
    os: 'darwin',
    cpu: 'arm64',
    describe: 'macOS on Apple silicon',
  },
  'darwin-x64': {
    target: 'x86_64-apple-darwin',
    os: 'darwin',
    cpu: 'x64',
    describe: 'macOS on Intel',
  },
  'linux-arm64-gnu': {
    target: 'aarch64-unknown-linux-gnu',
    zig: `aarch64-unknown-linux-gnu.${GLIBC_FLOOR}`,
    os: 'linux',
    cpu: 'arm64',
    libc: 'glibc',
    describe: `Linux on arm64 with glibc ${GLIBC_FLOOR} or newer`,
  },
  'linux-arm64-musl': {
    target: 'aarch64-unknown-linux-musl',
    zig: 'aarch64-unknown-linux-musl',
    os: 'linux',
    cpu: 'arm64',
    libc: 'musl',
    describe: 'Linux on arm64 with musl, such as Alpine',
  },
  'linux-x64-gnu': {
    target: 'x86_64-unknown-linux-gnu',
    zig: `x86_64-unknown-linux-gnu.${GLIBC_FLOOR}`,
    os: 'linux',
    cpu: 'x64',
    libc: 'glibc',
    describe: `Linux on x64 with glibc ${GLIBC_FLOOR} or newer`,
  },
  'linux-x64-musl': {
    target: 'x86_64-unknown-linux-musl',
    zig: 'x86_64-unknown-linux-musl',
    os: 'linux',
    cpu: 'x64',
    libc: 'musl',
    describe: 'Linux on x64 with musl, such as Alpine',
  },
  'win32-arm64-msvc': {
    target: 'aarch64-pc-windows-msvc',
    os: 'win32',
    cpu: 'arm64',
    describe: 'Windows on arm64',
  },
  'win32-x64-msvc': {
    target: 'x86_64-pc-windows-msvc',
    os: 'win32',
    cpu: 'x64',
    describe: 'Windows on x64',
  },
};
