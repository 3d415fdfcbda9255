// What an ELF file needs of the system that loads it.

/**
 * Reads the needs of a 64-bit little-endian ELF file: `{ libraries, versions }`, where `versions`
 * is by library, such as `{ 'libc.so.6': ['GLIBC_2.2.5', 'GLIBC_2.17'] }`.
 */
export function needsOf(file) {
  if (file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) {
    throw new Error('This is no 64-bit little-endian ELF file.');
  }
  const sections = sectionsOf(file);
  const dynamic = sections.find(({ type }) => type === SECTION.dynamic);
  const needs = sections.find(({ type }) => type === SECTION.versionNeeds);
  return {
    libraries: dynamic ? librariesOf(file, dynamic, sections[dynamic.link]) : [],
    versions: needs ? versionsOf(file, needs, sections[needs.link]) : {},
  };
}

/** The newest glibc among the versions, `undefined` when none is needed. */
export function newestGlibc(versions) {
  return Object.values(versions)
    .flat()
    .flatMap((name) => /^GLIBC_([\d.]+)$/.exec(name)?.[1] ?? [])
    .sort(compareVersions)
    .at(-1);
}

export function compareVersions(a, b) {
  return a.localeCompare(b, 'en', { numeric: true });
}

const SECTION = { dynamic: 6, versionNeeds: 0x6ffffffe };
const TAG_NEEDED = 1n;

function sectionsOf(file) {
  const [start, size, count] = [long(file, 40), file.readUInt16LE(58), file.readUInt16LE(60)];
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      start: long(file, at + 24),
      size: long(file, at + 32),
      link: file.readUInt32LE(at + 40),
      // How many records a section of versions has.
      info: file.readUInt32LE(at + 44),
    };
  });
}

function librariesOf(file, { start, size }, strings) {
  const names = [];
  for (let at = start; at < start + size; at += 16) {
    if (file.readBigInt64LE(at) === TAG_NEEDED) names.push(text(file, strings, long(file, at + 8)));
  }
  return names;
}

// One record for each library, and behind it one for each of its versions, chained by offsets.
function versionsOf(file, { start, info }, strings) {
  const versions = {};
  let at = start;
  for (let record = 0; record < info; record += 1) {
    const count = file.readUInt16LE(at + 2);
    const names = [];
    let entry = at + file.readUInt32LE(at + 8);
    for (let index = 0; index < count; index += 1) {
      names.push(text(file, strings, file.readUInt32LE(entry + 8)));
      entry += file.readUInt32LE(entry + 12);
    }
    versions[text(file, strings, file.readUInt32LE(at + 4))] = names;
    at += file.readUInt32LE(at + 12);
  }
  return versions;
}

function text(file, strings, offset) {
  const start = strings.start + offset;
  return file.toString('latin1', start, file.indexOf(0, start));
}

function long(file, at) {
  return Number(file.readBigUInt64LE(at));
}
