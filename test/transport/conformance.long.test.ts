import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Connector, UnreachableError, type WriteSession } from '../../src/core/session.ts';
import { hereDocument, sh, userScript } from '../../src/core/shell.ts';
import { needing } from '../support/programs.ts';
import { fc } from '../support/random-cases.ts';
import { HOST_KINDS, type HostUnderTest, temporaryDirectory } from './support/hosts-under-test.ts';
import { processesWith, until } from './support/processes.ts';
import { connectorFor } from './support/sessions.ts';

for (const { name, needs, start } of HOST_KINDS)
  describe(`a session over: ${name}`, needing(...needs), () => {
    const directory = temporaryDirectory();
    let machine: HostUnderTest;
    let connector: Connector;
    let session: WriteSession;

    beforeAll(async () => {
      machine = await start(directory);
      connector = await connectorFor([machine.host]);
      session = await connector.openForWriting(machine.host);
    });
    afterAll(async () => {
      await session.close();
      await machine.stop();
      rmSync(directory, { recursive: true });
    });

    /** The session can still do what it could before. */
    async function expectUsable(): Promise<void> {
      expect(await session.run(sh`echo still here`)).toMatchObject({ exitCode: 0, stdout: 'still here\n', stderr: '' });
    }

    describe('scripts', () => {
      it('tells the exit code, and standard output and standard error apart', async () => {
        const result = await session.run(sh`echo out; echo err >&2; echo more; exit 7`);
        expect(result).toEqual({
          exitCode: 7,
          stdout: 'out\nmore\n',
          stderr: 'err\n',
          truncated: false,
          timedOut: false,
        });
        await expectUsable();
      });

      it('gives the exit code of a program that a signal ended as a shell does', async () => {
        expect(await session.run(sh`sh -c 'kill -KILL $$'`)).toMatchObject({ exitCode: 137, timedOut: false });
        await expectUsable();
      });

      it('has nothing on standard input', async () => {
        expect(await session.run(sh`cat; read line; echo "$?"`)).toMatchObject({ stdout: '1\n' });
        await expectUsable();
      });

      it('keeps output that ends without a newline as it is', async () => {
        expect(await session.run(sh`printf 'no end'; printf 'none' >&2`)).toMatchObject({
          stdout: 'no end',
          stderr: 'none',
        });
      });

      it('keeps NULs and joins characters that arrive in pieces', async () => {
        const script = sh`printf 'a\000b'; printf '\303'; sleep 0.05; printf '\251\342\202'; sleep 0.05; printf '\254'`;
        expect(await session.run(script)).toMatchObject({ stdout: 'a\0bé€' });
      });

      it('shows bytes that are no UTF-8 as replacement characters', async () => {
        expect(await session.run(sh`printf 'a\377b'`)).toMatchObject({ stdout: 'a\uFFFDb' });
      });

      it.each([
        ['an open if', 'if true; then echo'],
        ['a stray token', 'echo a; ) echo b'],
        ['an open quote', "echo 'open"],
        ['an open double quote', 'echo "open'],
        ['an open substitution', 'echo $(echo'],
        ['an open loop', 'while :; do'],
      ])('survives a syntax error: %s', async (_what, text) => {
        expect((await session.run(userScript(text))).exitCode).not.toBe(0);
        await expectUsable();
      });

      it.each([
        ['exit', 'exit 3', 3],
        ['exec', "exec sh -c 'exit 4'", 4],
        ['closed output', 'exec >&- 2>&-', 0],
        ['an unset variable under -u', 'set -eu; : "$nothing"', undefined],
        ['a here-document that is not closed', "cat <<'END'\nline", 0],
        ['a backslash at the end', 'echo a \\', 0],
        ['a comment at the end', 'echo a # b', 0],
        ['nothing', '', 0],
      ])('survives %s', async (_what, text, exitCode) => {
        const result = await session.run(userScript(text));
        if (exitCode !== undefined) expect(result.exitCode).toBe(exitCode);
        await expectUsable();
      });

      it('passes here-documents on to the letter', async () => {
        const content = `$HOME \`id\` \\ 'single' "double"\n\ttab\nKPLAY_EOF\n\n  end`;
        const result = await session.run(hereDocument(sh`cat`, new Secret(content)));
        expect(result).toMatchObject({ exitCode: 0, stdout: `${content}\n` });
      });

      it.each([2, 10, 200])('passes here-documents of %i kB', async (size) => {
        const content = `${'0123456789abcde'.repeat(68)}äö\n`.repeat(size);
        const result = await session.run(hereDocument(sh`cat`, content), { maxOutputBytes: 1_000_000 });
        expect(result.stdout.length).toBe(content.length);
        expect(result.stdout).toBe(content);
      });

      it('gives each quoted value to a program as exactly one word', async () => {
        const word = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));
        await fc.assert(
          fc.asyncProperty(fc.array(word, { minLength: 10, maxLength: 10 }), async (words) => {
            const { stdout } = await session.run(sh`printf '<%s>\n' ${words}`);
            expect(stdout).toBe(words.map((each) => `<${Buffer.from(each).toString()}>\n`).join(''));
          }),
          { numRuns: 30 },
        );
      });

      it('runs scripts one after another, in the order in which they were given', async () => {
        const results = await Promise.all([1, 2, 3, 4, 5].map((number) => session.run(sh`echo ${number}`)));
        expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n', '4\n', '5\n']);
      });

      it('keeps nothing of one script for the next', async () => {
        await session.run(
          sh`cd /; umask 000; exported=1; export exported; set -e; trap 'echo bye' EXIT; tool() { :; }`,
        );
        const result = await session.run(sh`umask; echo "[$exported]"; false; tool sh`);
        expect(result.stdout).toMatch(/^0*77\n\[\]\n\/.*\/sh\n$/);
      });

      it('has the C locale, sbin on its PATH and no root directory of its own', async () => {
        const { stdout } = await session.run(sh`echo "$LC_ALL [$R]"; echo "$PATH"`);
        expect(stdout).toMatch(/^C \[\]\n/);
        expect(stdout.trim().split(/[:\n]/)).toEqual(expect.arrayContaining(['/usr/sbin', '/sbin', '/usr/local/bin']));
      });

      it('does not wait for a process that a script leaves behind, and is not confused by what that says later', async () => {
        const file = join(directory, `left-behind-${name.length}`);
        const { stdout } = await session.run(sh`(sleep 0.2; echo late; echo late >&2; : >${file}) & echo first`);
        expect(stdout).toBe('first\n');
        await until(() => existsSync(file));
        // What was still on its way has come with this one.
        await session.run(sh`:`);
        expect(await session.run(sh`echo second`)).toMatchObject({ stdout: 'second\n', stderr: '' });
      });
    });

    describe('much output', () => {
      it('keeps what it was asked to keep, and says that there was more', async () => {
        const result = await session.run(sh`echo begin; yes 'é' | head -c 3000000; exit 5`, { maxOutputBytes: 1_000 });
        expect(result).toMatchObject({ exitCode: 5, truncated: true });
        expect(result.stdout).toMatch(/^begin\n(é\n)+é?$/);
        expect(Buffer.byteLength(result.stdout)).toBeGreaterThan(990);
        await expectUsable();
      });

      it('reads 50 MB to their end', async () => {
        const result = await session.run(sh`head -c 50000000 /dev/zero; exit 6`);
        expect(result).toMatchObject({ exitCode: 6, truncated: true, timedOut: false });
        expect(result.stdout.length).toBe(1_048_576);
        await expectUsable();
      });

      it('reads much from both streams at once', async () => {
        const script = sh`for turn in 1 2 3; do head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; done; exit 4`;
        const result = await session.run(script, { maxOutputBytes: 20_000_000 });
        expect(result).toMatchObject({ exitCode: 4, truncated: false });
        expect([result.stdout.length, result.stderr.length]).toEqual([9_000_000, 9_000_000]);
        await expectUsable();
      });

      it('ends a script whose output has no end, and says so', async () => {
        const result = await session.run(sh`exec yes endless-${name.length}-kplay`);
        expect(result).toMatchObject({ exitCode: null, truncated: true, timedOut: false });
        expect(result.stderr).toMatch(/more than 64 MiB/);
        expect(processesWith(`endless-${name.length}-kplay`)).toBe(0);
        await expectUsable();
      });
    });

    describe('scripts that are ended', () => {
      it('ends all processes of a script after its timeout, also those that ignore TERM', async () => {
        const mark = `7${Date.now()}.${name.length}`;
        const script = sh`echo begun
        sh -c ${`trap '' TERM; sleep ${mark}; sleep ${mark}`} &
        (sleep ${mark} | sleep ${mark})
        wait`;
        const result = await session.run(script, { timeoutMs: 300 });
        expect(result).toEqual({ exitCode: null, stdout: 'begun\n', stderr: '', truncated: false, timedOut: true });
        expect(processesWith(mark)).toBe(0);
        await expectUsable();
      });

      it('lets a script clean up when it is ended', async () => {
        const result = await session.run(sh`trap 'echo cleaned; exit 1' TERM; echo begun; sleep 1000 & wait`, {
          timeoutMs: 200,
        });
        expect(result).toMatchObject({ exitCode: null, stdout: 'begun\ncleaned\n', timedOut: true });
        await expectUsable();
      });

      it('ends a script when its signal says so', async () => {
        const mark = `8${Date.now()}.${name.length}`;
        const abort = new AbortController();
        const running = session.run(sh`sleep ${mark}`, { signal: abort.signal });
        await until(() => processesWith(mark) > 0);
        abort.abort(new Error('interrupted'));
        expect(await running).toMatchObject({ exitCode: null, timedOut: false });
        expect(processesWith(mark)).toBe(0);
        await expectUsable();
      });

      it('does not begin a script whose signal was given before', async () => {
        const signal = AbortSignal.abort(new Error('interrupted'));
        await expect(session.run(sh`echo never`, { signal })).rejects.toThrow('interrupted');
        await expectUsable();
      });

      it('ends the script that runs when the session is closed', async () => {
        const mark = `9${Date.now()}.${name.length}`;
        const second = await connector.openForWriting(machine.host);
        const running = second.run(sh`sleep ${mark}`);
        await until(() => processesWith(mark) > 0);
        await second.close();
        expect(await running).toMatchObject({ exitCode: null });
        expect(processesWith(mark)).toBe(0);
        await expect(second.run(sh`echo never`)).rejects.toThrow(UnreachableError);
      });

      it('is lost when its shell is, and does not call that success', async () => {
        const second = await connector.openForWriting(machine.host);
        const error = await second.run(sh`kill -KILL $$; sleep 0.1; echo done`).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(UnreachableError);
        expect(error).toMatchObject({ reason: 'lost', message: expect.stringContaining('unknown') });
        await expect(second.run(sh`echo never`)).rejects.toMatchObject({ reason: 'lost' });
        await second.close();
      });
    });

    describe('observation', () => {
      it('keeps probes apart: output, errors, exit codes, failures', async () => {
        const outputs = await session.observe([
          { script: sh`echo one; echo uno >&2` },
          { script: sh`exit 3` },
          {},
          { script: userScript('if then') },
          { script: sh`printf 'no newline'; cat` },
          { script: sh`set -e; false; echo never` },
          { script: sh`echo last` },
        ]);
        expect(outputs.map(({ stdout }) => stdout)).toEqual(['one\n', '', '', '', 'no newline', '', 'last\n']);
        expect(outputs.map(({ exitCode }) => exitCode === 0)).toEqual([true, false, true, false, true, false, true]);
        expect(outputs[0]?.stderr).toBe('uno\n');
        expect(outputs[1]).toEqual({ stdout: '', stderr: '', exitCode: 3, truncated: false, dials: [] });
        expect(outputs[3]?.stderr).toMatch(/syntax error/i);
        expect(outputs[6]?.stderr).toBe('');
      });

      it('caps the output of each probe on its own', async () => {
        const [large, small] = await session.observe([
          { script: sh`head -c 2000000 /dev/zero` },
          { script: sh`echo small` },
        ]);
        expect(large).toMatchObject({ truncated: true, exitCode: 0 });
        expect(large?.stdout.length).toBe(1_048_576);
        expect(small).toMatchObject({ truncated: false, stdout: 'small\n' });
      });

      it('answers nothing rather than half when it takes too long', async () => {
        const mark = `5${Date.now()}.${name.length}`;
        const probes = [{ script: sh`echo fine` }, { script: sh`sleep ${mark}` }, { script: sh`echo never` }];
        const error = await session.observe(probes, { timeoutMs: 300 }).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(UnreachableError);
        expect(error).toMatchObject({ reason: 'timeout', message: expect.stringContaining('1 of 3') });
        expect(processesWith(mark)).toBe(0);
        await expectUsable();
      });

      it('stops when its signal says so', async () => {
        const mark = `4${Date.now()}.${name.length}`;
        const abort = new AbortController();
        const looking = session.observe([{ script: sh`sleep ${mark}` }, { script: sh`:` }], { signal: abort.signal });
        const caught = looking.catch((error: unknown) => error);
        await until(() => processesWith(mark) > 0);
        abort.abort(new Error('interrupted'));
        expect(await caught).toMatchObject({ message: 'interrupted' });
        expect(processesWith(mark)).toBe(0);
        await expectUsable();
      });

      it('has no way to run anything else in a session for reading', async () => {
        const reader = await connector.openForReading(machine.host);
        expect('run' in reader).toBe(false);
        expect(await reader.observe([{ script: sh`echo seen` }])).toMatchObject([{ stdout: 'seen\n' }]);
        await reader.close();
      });

      it('asks two hundred probes at once', async () => {
        const probes = Array.from({ length: 200 }, (_, index) => ({ script: sh`echo ${`probe ${index}`}` }));
        const outputs = await session.observe(probes);
        expect(outputs.map(({ stdout }) => stdout)).toEqual(probes.map((_, index) => `probe ${index}\n`));
      });
    });

    it('leaves no process behind when it is closed', async () => {
      const second = await connector.openForWriting(machine.host);
      const { stdout } = await second.run(sh`echo $$`);
      await second.close();
      const left = sh`[ ! -e /proc/${stdout.trim()}/status ] || grep '^State:' /proc/${stdout.trim()}/status`;
      // sshd reaps it on its own time.
      for (;;) {
        const { stdout: state } = await session.run(left);
        if (state === '' || /[ZX]/.test(state)) break;
      }
    });
  });
