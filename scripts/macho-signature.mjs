import { createHash } from 'node:crypto';

// The format: cs_blobs.h of Apple's xnu, and loader.h of its cctools. A header and its commands are little-endian, a signature is big-endian.
const HEADER_SIZE = 32;
const MAGIC_64 = 0xfeedfacf;
const MAGIC_UNIVERSAL = 0xcafebabe;
const SEGMENT_64 = 0x19;
const CODE_SIGNATURE = 0x1d;
const COMMAND_SIZE = 16;
const SUPER_BLOB = 0xfade0cc0;
const SUPER_BLOB_SIZE = 20;
const CODE_DIRECTORY = 0xfade0c02;
const CODE_DIRECTORY_SIZE = 88;
const HASH_SIZE = 32;
const PAGE_SIZE = 4096;
/** Segments end where a page of memory does; arm64 has the larger ones. */
const MEMORY_PAGE_SIZE = 0x4000;

/**
 * Signs a 64-bit Mach-O executable ad hoc, which macOS demands on arm64: the signature has a digest of each page, and no signer. It
 * is what linkers write (ad hoc, linker-signed), so that `codesign` replaces it without being told to.
 * @param file an executable without a signature, which ends with its segment __LINKEDIT.
 * @throws {Error} when it is something else.
 */
export function signAdHoc(file, identifier) {
  const { commandsEnd, count, size, text, linkedit } = layoutOf(file);
  const offset = roundUp(file.length, 16);
  const signatureSize = signatureSizeOf(offset, identifier);
  const code = Buffer.concat([file, Buffer.alloc(offset - file.length)]);
  code.writeUInt32LE(count + 1, 16);
  code.writeUInt32LE(size + COMMAND_SIZE, 20);
  for (const [index, value] of [CODE_SIGNATURE, COMMAND_SIZE, offset, signatureSize].entries())
    code.writeUInt32LE(value, commandsEnd + 4 * index);
  const linkeditSize = offset + signatureSize - linkedit.fileOffset;
  code.writeBigUInt64LE(BigInt(roundUp(linkeditSize, MEMORY_PAGE_SIZE)), linkedit.at + 32);
  code.writeBigUInt64LE(BigInt(linkeditSize), linkedit.at + 48);
  return Buffer.concat([code, signatureOf(code, identifier, text.fileSize)]);
}

function layoutOf(file) {
  if (file.readUInt32BE(0) === MAGIC_UNIVERSAL)
    throw new Error(
      'this Node.js is a universal executable, for several architectures, as the installer of nodejs.org has it: use the one of its archive for this architecture (node-VERSION-darwin-ARCHITECTURE.tar.gz)',
    );
  if (file.readUInt32LE(0) !== MAGIC_64) throw new Error('not a 64-bit Mach-O file');
  const count = file.readUInt32LE(16);
  const size = file.readUInt32LE(20);
  const commandsEnd = HEADER_SIZE + size;
  const segments = new Map();
  let at = HEADER_SIZE;
  for (let index = 0; index < count; index += 1) {
    const command = file.readUInt32LE(at);
    if (command === CODE_SIGNATURE) throw new Error('the executable is signed already');
    if (command === SEGMENT_64) segments.set(nameAt(file, at + 8), segmentAt(file, at));
    at += file.readUInt32LE(at + 4);
  }
  const text = segments.get('__TEXT');
  const linkedit = segments.get('__LINKEDIT');
  if (!text || !linkedit) throw new Error('the executable has no __TEXT or no __LINKEDIT');
  if (linkedit.fileOffset + linkedit.fileSize !== file.length)
    throw new Error('the executable does not end with __LINKEDIT');
  // Instructions may begin there.
  if (file.subarray(commandsEnd, commandsEnd + COMMAND_SIZE).some((byte) => byte !== 0))
    throw new Error('there is no room for the command of a signature');
  return { commandsEnd, count, size, text, linkedit };
}

function segmentAt(file, at) {
  return { at, fileOffset: Number(file.readBigUInt64LE(at + 40)), fileSize: Number(file.readBigUInt64LE(at + 48)) };
}

function nameAt(file, at) {
  return file.toString('latin1', at, at + 16).replace(/\0.*/s, '');
}

/**
 * The signature of an executable.
 * @param code all that stands before it in the file.
 * @param textSize of the segment __TEXT, which holds the instructions.
 */
export function signatureOf(code, identifier, textSize) {
  const pages = Math.ceil(code.length / PAGE_SIZE);
  const hashOffset = CODE_DIRECTORY_SIZE + identifier.length + 1;
  const signature = Buffer.alloc(signatureSizeOf(code.length, identifier));
  // One blob, of type 0: a code directory.
  writeNumbers(signature, 0, [SUPER_BLOB, signature.length, 1, 0, SUPER_BLOB_SIZE]);
  const directory = signature.subarray(SUPER_BLOB_SIZE);
  const version = 0x20400;
  const flags = 0x2_0002;
  writeNumbers(directory, 0, [CODE_DIRECTORY, directory.length, version, flags, hashOffset, CODE_DIRECTORY_SIZE]);
  writeNumbers(directory, 24, [0, pages, code.length]);
  // SHA-256 (2), of pages of 2^12 bytes.
  directory.set([HASH_SIZE, 2, 0, 12], 36);
  directory.writeBigUInt64BE(BigInt(textSize), 72);
  // The main executable of a process.
  directory.writeBigUInt64BE(1n, 80);
  directory.write(identifier, CODE_DIRECTORY_SIZE, 'latin1');
  for (let page = 0; page < pages; page += 1) {
    const bytes = code.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    directory.set(createHash('sha256').update(bytes).digest(), hashOffset + page * HASH_SIZE);
  }
  return signature;
}

function signatureSizeOf(codeSize, identifier) {
  const pages = Math.ceil(codeSize / PAGE_SIZE);
  return SUPER_BLOB_SIZE + CODE_DIRECTORY_SIZE + identifier.length + 1 + pages * HASH_SIZE;
}

function writeNumbers(buffer, at, numbers) {
  for (const [index, value] of numbers.entries()) buffer.writeUInt32BE(value, at + 4 * index);
}

function roundUp(value, unit) {
  return Math.ceil(value / unit) * unit;
}
