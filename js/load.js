// Finds the addon of this platform, or says what is wrong and what to do.

import { ADDONS, besideOf } from './addons.js';
import { glibcVersion, libcOf } from './libc.js';

/** Of this package; that of the platform must be the same. */
export const VERSION = '0.1.0';

/** What the addon exports. */
export function load(platform = platformOf(), addons = ADDONS) {
  const { beside = () => besideOf(platform), packaged, manifest } = addons[platform] ?? {};
  const own = found(beside, platform);
  if (own) return own;
  if (!packaged) throw unsupported(platform, addons);
  const { version } = found(manifest, platform) ?? {};
  if (version === undefined) throw missing(platform, addons);
  if (version !== VERSION) throw mismatch(platform, version);
  const addon = found(packaged, platform);
  if (addon) return addon;
  throw damaged(platform);
}

/** The name of the platform that this process runs on, as the packages have it. */
export function platformOf({ platform, arch } = process, libc = libcOf) {
  if (platform === 'linux') return `linux-${arch}-${libc()}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/** What `require` gives; `undefined` when it is not there. What is there has to load. */
function found(require, platform) {
  try {
    return require();
  } catch (error) {
    if (NOT_THERE.has(error?.code)) return undefined;
    throw unloadable(platform, error);
  }
}

const NOT_THERE = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND']);

function unsupported(platform, addons) {
  return new Error(
    `kavachos has no addon for ${platform}. There is one for ${Object.keys(addons).join(', ')}. ` +
      'For another platform, build it from source there: in a clone of the repository run ' +
      '`npm pack`, which needs Rust and a C compiler, and install the tarball that it makes.',
  );
}

function missing(platform, addons) {
  const others = Object.keys(addons).filter((name) => isInstalled(addons[name]));
  const [os, cpu, libc] = platform.split('-');
  const filter = [`os ${os}`, `cpu ${cpu}`, ...(LIBC[libc] ? [`libc ${LIBC[libc]}`] : [])];
  return new Error([
    `kavachos ${VERSION} needs the package kavachos-${platform} ${VERSION}, which holds its ` +
      'addon for this platform and is not installed.',
    ...others.map(
      (name) => `kavachos-${name} is installed instead: this node_modules is of another platform.`,
    ),
    '- npm: install again on this platform, without `--omit=optional`. If it is still missing, ' +
      'package-lock.json was written on another platform and forgot it: remove node_modules and ' +
      'package-lock.json, and run `npm install`.',
    `- pnpm, yarn: \`supportedArchitectures\` has to include ${filter.join(', ')}.`,
    `- A bundle needs kavachos.${platform}.node beside it, or the package in node_modules.`,
    '- In a clone of the repository, `npm run build` makes the addon.',
  ].join('\n'));
}

const LIBC = { gnu: 'glibc', musl: 'musl' };

function isInstalled({ manifest }) {
  try {
    return Boolean(manifest());
  } catch {
    return false;
  }
}

function mismatch(platform, version) {
  return new Error(
    `kavachos ${VERSION} found kavachos-${platform} ${version}. Both have to be of one version: ` +
      'remove what pins the second, such as `overrides` or a line of your own in package.json, ' +
      `and run \`npm install kavachos@${VERSION}\`.`,
  );
}

function damaged(platform) {
  return new Error(
    `The package kavachos-${platform} is there, but its addon is not. Install it again; a ` +
      `bundler or an image that picks files has to take kavachos.${platform}.node along.`,
  );
}

function unloadable(platform, error) {
  const said = String(error?.message ?? error);
  const [, explain] = EXPLANATIONS.find(([pattern]) => pattern.test(said)) ?? [];
  const advice = explain?.(said) ?? 'Install kavachos again on the machine that it runs on.';
  return new Error(`The addon of kavachos for ${platform} did not load: ${said}\n${advice}`, {
    cause: error,
  });
}

/** What loaders say, and what it means. */
const EXPLANATIONS = [
  [/GLIBC_[\d.]+' not found/, tooOld],
  [
    /libc\.musl-|ld-musl-/,
    () =>
      'This addon was made for musl, and this process runs on glibc: node_modules, or the file ' +
      'beside the bundle, comes from an Alpine system. Install on the system that it runs on.',
  ],
  [
    /ld-linux|symbol not found/,
    () =>
      'This addon was made for glibc, and this process runs on musl, as on Alpine. Install on ' +
      'the system that it runs on; where packages are chosen for it elsewhere, choose libc musl.',
  ],
  [
    /loading addons is disabled|--allow-ffi/,
    () =>
      'The runtime was told not to load addons. Start Node without `--no-addons`, and with ' +
      '`--allow-addons` where its permissions are limited; start Deno with `--allow-ffi`.',
  ],
  [
    /ELF|mach-o|Win32|too short|incompatible architecture|\.node: cannot open/i,
    () =>
      'The file is damaged or of another platform. Remove node_modules and install again on the ' +
      'machine that it runs on; do not copy node_modules between systems.',
  ],
  [
    /(\w[\w.+-]*\.so[\d.]*): (cannot open|No such file)/,
    (said) => `This system lacks ${/(\S+\.so[\d.]*): /.exec(said)[1]}: install what brings it.`,
  ],
];

function tooOld(said) {
  const needed = [...said.matchAll(/GLIBC_([\d.]+)/g)].map(([, version]) => version);
  const newest = needed.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return (
    `It needs glibc ${newest}, and this system has ${glibcVersion() ?? 'an older one'}. Use a ` +
    'newer system, the package from the registry, or build from source on this one.'
  );
}
