import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const signer: {
  signAdHoc(file: Buffer, identifier: string): Buffer;
  signatureOf(code: Buffer, identifier: string, textSize: number): Buffer;
} = await import(new URL('../scripts/macho-signature.mjs', import.meta.url).href);

const LOCK = fileURLToPath(new URL('../package-lock.json', import.meta.url));

/** An executable without instructions: its commands, then 0x8000 bytes of __TEXT, then __LINKEDIT. */
function executable({ magic = 0xfeedfacf, room = true, trailing = 0, command = 0x19 } = {}): Buffer {
  const file = Buffer.alloc(0x8000 + 100 + trailing);
  file.writeUInt32LE(magic, 0);
  file.writeUInt32LE(2, 16);
  file.writeUInt32LE(2 * 72, 20);
  for (const [index, [name, offset, size]] of [
    ['__TEXT', 0, 0x8000] as const,
    ['__LINKEDIT', 0x8000, 100] as const,
  ].entries()) {
    const at = 32 + index * 72;
    file.writeUInt32LE(index === 0 ? 0x19 : command, at);
    file.writeUInt32LE(72, at + 4);
    file.write(name, at + 8);
    file.writeBigUInt64LE(BigInt(offset), at + 40);
    file.writeBigUInt64LE(BigInt(size), at + 48);
  }
  if (!room) file.fill(1, 32 + 2 * 72 + 15);
  return file;
}

describe('the signature of an executable for macOS', () => {
  it('is what the linker of Go writes for the same bytes', () => {
    const version = JSON.parse(readFileSync(LOCK, 'utf8')).packages['node_modules/@esbuild/darwin-arm64'];
    const directory = mkdtempSync(join(tmpdir(), 'kplay-macho-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const run = (program: string, ...words: readonly string[]) =>
      execFileSync(program, words, { cwd: directory, encoding: 'utf8' }).trim();
    const archive = run('npm', 'pack', '--silent', '--prefer-offline', `@esbuild/darwin-arm64@${version.version}`);
    const digest = createHash('sha512')
      .update(readFileSync(join(directory, archive)))
      .digest('base64');
    expect(`sha512-${digest}`).toBe(version.integrity);
    run('tar', '-xzf', archive, 'package/bin/esbuild');
    const file = readFileSync(join(directory, 'package/bin/esbuild'));
    // Its last command says where its signature is.
    const command = 32 + file.readUInt32LE(20) - 16;
    expect(file.readUInt32LE(command)).toBe(0x1d);
    const [offset, size] = [file.readUInt32LE(command + 8), file.readUInt32LE(command + 12)];
    // After __PAGEZERO.
    const textSize = Number(file.readBigUInt64LE(32 + 72 + 48));
    const signature = signer.signatureOf(file.subarray(0, offset), 'a.out', textSize);
    expect(signature.equals(file.subarray(offset, offset + size))).toBe(true);
  });

  it('has a command that names it, and ends __LINKEDIT and the file', () => {
    const signed = signer.signAdHoc(executable(), 'kplay');
    expect(signed.readUInt32LE(16)).toBe(3);
    expect(signed.readUInt32LE(20)).toBe(2 * 72 + 16);
    const [kind, length, offset = 0, size = 0] = [0, 4, 8, 12].map((at) => signed.readUInt32LE(32 + 2 * 72 + at));
    expect([kind, length, offset]).toEqual([0x1d, 16, 0x8070]);
    expect(offset + size).toBe(signed.length);
    expect(Number(signed.readBigUInt64LE(32 + 72 + 48))).toBe(signed.length - 0x8000);
    expect(signed.subarray(offset)).toEqual(signer.signatureOf(signed.subarray(0, offset), 'kplay', 0x8000));
  });

  it('is refused to what it would not fit', () => {
    const refused = (file: Buffer) => () => signer.signAdHoc(file, 'kplay');
    expect(refused(executable({ magic: 0x7f454c46 }))).toThrow('not a 64-bit Mach-O file');
    // Its first number is big-endian.
    expect(refused(executable({ magic: 0xbebafeca }))).toThrow('this Node.js is a universal executable');
    expect(refused(executable({ command: 0x1d }))).toThrow('the executable is signed already');
    expect(refused(executable({ command: 0x1b }))).toThrow('the executable has no __TEXT or no __LINKEDIT');
    expect(refused(executable({ trailing: 1 }))).toThrow('the executable does not end with __LINKEDIT');
    expect(refused(executable({ room: false }))).toThrow('there is no room for the command of a signature');
    expect(refused(signer.signAdHoc(executable(), 'kplay'))).toThrow('the executable is signed already');
  });
});
