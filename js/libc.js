// Which C library this process runs on, found out without starting another process.

import { closeSync, openSync, readSync } from 'node:fs';

/** `'gnu'` or `'musl'`. */
export function libcOf({ deno = globalThis.Deno, execPath, report } = process) {
  // Deno would ask the user before it reads a file, and its report used to name a glibc on musl.
  return deno?.build?.env ?? ofExecutable(execPath) ?? ofReport(report) ?? 'gnu';
}

/** The version of the glibc that this process runs on, where the runtime tells it. */
export function glibcVersion(report = process.report) {
  return reported(report)?.header?.glibcVersionRuntime;
}

// The loader that an executable names belongs to its C library: /lib/ld-musl-x86_64.so.1, say.
function ofExecutable(path) {
  const loader = interpreter(path);
  if (loader === undefined) return undefined;
  return loader.includes('ld-musl-') ? 'musl' : 'gnu';
}

// A static executable names none, and Bun on musl reports nothing of use.
function ofReport(report) {
  const { header, sharedObjects } = reported(report) ?? {};
  if (header?.glibcVersionRuntime || header?.glibcVersionCompiler) return 'gnu';
  const isMusl = (name) => name.includes('ld-musl-') || name.includes('libc.musl-');
  return sharedObjects?.some(isMusl) ? 'musl' : undefined;
}

function reported(report) {
  if (typeof report?.getReport !== 'function') return undefined;
  // Otherwise the peers of all open connections are looked up in the DNS.
  const { excludeNetwork } = report;
  report.excludeNetwork = true;
  try {
    return report.getReport();
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

/** What the ELF file names as its interpreter; `undefined` where there is none to read. */
function interpreter(path) {
  let file;
  try {
    file = openSync(path);
    const header = bytes(file, 0, 64);
    const isElf64 = header.readUInt32BE(0) === ELF && header[4] === CLASS_64;
    if (!isElf64) return undefined;
    const size = header.readUInt16LE(54);
    const segments = bytes(file, long(header, 32), size * header.readUInt16LE(56));
    for (let at = 0; at < segments.length; at += size) {
      if (segments.readUInt32LE(at) !== INTERPRETER) continue;
      return bytes(file, long(segments, at + 8), long(segments, at + 32)).toString('latin1');
    }
  } catch {
    // Not readable, or not to be read: Node's permission model.
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return undefined;
}

function long(buffer, at) {
  return Number(buffer.readBigUInt64LE(at));
}

function bytes(file, position, length) {
  const buffer = Buffer.alloc(length);
  readSync(file, buffer, 0, length, position);
  return buffer;
}

const ELF = 0x7f454c46;
const CLASS_64 = 2;
const INTERPRETER = 3;
