import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { Secret } from '../../src/core/secret.ts';
import { sh } from '../../src/core/shell.ts';
import { Fixture, refusal } from './support/fixture.ts';
import { processesWith } from './support/processes.ts';
import { connectorFor, host, NOWHERE } from './support/sessions.ts';

/** A sudo that behaves as `$SUDO_BEHAVES` says, and an id that is nobody's. */
const SUDO = `#!/bin/sh
while :; do
  case $1 in
  -H) ;;
  -n) ask=no ;;
  -S) ask=yes ;;
  -p) prompt=$2; shift ;;
  -u) [ "$2" = root ] || exit 9; shift ;;
  *) break ;;
  esac
  shift
done
[ "$LC_ALL" = C ] || exit 9
fail() { echo "$1" >&2; exit 1; }
case $SUDO_BEHAVES in
free) ;;
password)
  [ "$ask" = yes ] || fail 'sudo: a password is required'
  echo 'We trust you have received the usual lecture.' >&2
  printf '%s' "$prompt" >&2
  IFS= read -r given
  if [ "$given" != 'open sesame' ]; then
    printf '\\nSorry, try again.\\n%s' "$prompt" >&2
    IFS= read -r given
    fail 'sudo: 2 incorrect password attempts'
  fi
  ;;
once)
  printf '%s' "$prompt" >&2
  IFS= read -r given
  [ "$given" = 'open sesame' ] || fail 'sudo: 1 incorrect password attempt'
  ;;
rust)
  [ "$ask" = yes ] || fail 'sudo: interactive authentication is required'
  printf '[sudo: %s] Password: ' "$prompt" >&2
  IFS= read -r given
  echo >&2
  [ "$given" = 'open sesame' ] || fail 'sudo: maximum 1 incorrect authentication attempts'
  ;;
broken)
  printf '%s' "$prompt" >&2
  IFS= read -r given
  fail 'sudo: error initializing I/O plugin sudoers_io'
  ;;
noexec) PATH=$\{0%/*}/forbidden; exec "/bin/$@" ;;
denied) fail "Sorry, user admin is not allowed to execute '/usr/bin/$*' as root on m1." ;;
*) fail "$SUDO_BEHAVES" ;;
esac
SUDOED=yes
export SUDOED
exec "$@"
`;

const fixture = new Fixture();
const bin = join(fixture.directory, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'sudo'), SUDO, { mode: 0o755 });
writeFileSync(join(bin, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
mkdirSync(join(bin, 'forbidden'));
writeFileSync(join(bin, 'forbidden', 'sh'), '', { mode: 0o644 });
const opened = join(fixture.directory, 'opened');
writeFileSync(join(bin, 'open'), `#!/bin/sh\necho "$@" >${opened}\n`, { mode: 0o755 });
afterAll(() => fixture.close());

function environment(behaviour: string): Record<string, string> {
  return { PATH: `${bin}:${process.env['PATH']}`, SUDO_BEHAVES: behaviour, LC_ALL: 'de_DE.UTF-8' };
}

async function hostWhereSudo(behaviour: string, vars: Readonly<Record<string, Json>> = {}) {
  const server = await fixture.serve({ environment: environment(behaviour) });
  return { server, machine: fixture.at(server.port, { ansible_become: true, ansible_become_user: 'root', ...vars }) };
}

const WITH_PASSWORD = { ansible_become_password: 'open sesame' };

describe('becoming root', () => {
  it.each<[string, string, Record<string, Json>]>([
    ['without a password', 'free', {}],
    ['without a password, although there is one', 'free', WITH_PASSWORD],
    ['with a password', 'password', WITH_PASSWORD],
    ['with a password, where only one try is allowed', 'once', WITH_PASSWORD],
    ['with a password, by the prompt of sudo-rs', 'rust', WITH_PASSWORD],
  ])('works %s', async (_what, behaviour, vars) => {
    const { machine } = await hostWhereSudo(behaviour, vars);
    const session = await (await connectorFor([machine])).openForWriting(machine);
    expect(await session.run(sh`echo "$SUDOED"; cat`)).toMatchObject({ stdout: 'yes\n', stderr: '' });
    await session.close();
  });

  it.each<[string, string]>([
    ['says what it is to do', 'echo "you run: $2"; echo "you run: $2" >&2; exec /bin/bash --norc "$@"'],
    ['prints its lines', 'exec /bin/bash --norc -v "$@"'],
    [
      'says each command as a trace does',
      `tr ';' '\\n' <<<"$2" | sed 's/^ */+ /; s/ >&2$//' >&2; exec /bin/bash --norc "$@"`,
    ],
    ['leaves a line unfinished', `printf welcome; printf welcome >&2; exec /bin/bash --norc "$@"`],
    ['traces its commands', 'set -x; eval "$2"'],
    ['makes all shells below it trace their commands', 'export SHELLOPTS; set -euvx; eval "$2"'],
  ])('works where the login shell %s, and sudo alone gets the password', async (what, text) => {
    const shell = join(fixture.directory, what.replaceAll(' ', '-'));
    writeFileSync(shell, `#!/bin/bash\n${text}\n`, { mode: 0o755 });
    const withBash = join(shell, '../with-bash');
    mkdirSync(withBash, { recursive: true });
    rmSync(join(withBash, 'sh'), { force: true });
    symlinkSync('/bin/bash', join(withBash, 'sh'));
    for (const behaviour of ['free', 'password']) {
      const variables = environment(behaviour);
      const server = await fixture.serve({
        shell: [shell],
        environment: { ...variables, PATH: `${withBash}:${variables['PATH']}` },
      });
      const machine = fixture.at(server.port, { ansible_become: true, ...WITH_PASSWORD });
      const session = await (await connectorFor([machine])).openForWriting(machine);
      // As a command of the new shell, the password would start this program.
      expect(await session.run(sh`echo "$SUDOED$unset"; cat ${opened}; false; echo end`)).toMatchObject({
        stdout: 'yes\nend\n',
        stderr: expect.stringMatching(/^cat: .*No such file or directory\n$/),
      });
      await session.close();
    }
  });

  it('is no use where sudo lets the shell start nothing (NOEXEC), and that is told as what it is', async () => {
    const { machine } = await hostWhereSudo('noexec');
    expect(await refusal(machine)).toMatchObject({
      reason: 'shell',
      message: 'sh on the host may not start programs (exit code 126): no script has run',
      remedy: expect.stringContaining('NOEXEC'),
    });
  });

  it('is what the play says, where the variables of the host say nothing', async () => {
    const server = await fixture.serve({ environment: environment('free') });
    const says = sh`echo "[$SUDOED]"`;
    const silent = fixture.at(server.port);
    const unwilling = fixture.at(server.port, { ansible_become: false }, 'unwilling');
    const connector = await connectorFor([silent, unwilling]);
    for (const [machine, become, expected] of [
      [silent, true, '[yes]\n'],
      [silent, false, '[]\n'],
      [unwilling, true, '[]\n'],
    ] as const) {
      const session = await connector.openForWriting(machine, { become });
      expect(await session.run(says)).toMatchObject({ stdout: expected });
      await session.close();
    }
  });

  it('works on the controller too', async () => {
    const machine = host('here', { ansible_connection: 'local', ansible_become: true, ...WITH_PASSWORD });
    const connector = await connectorFor([machine], { environment: environment('password') });
    const session = await connector.openForWriting(machine);
    expect(await session.run(sh`echo "$SUDOED"`)).toMatchObject({ stdout: 'yes\n' });
    await session.close();
  });

  it('ends scripts as root as well', async () => {
    const { server, machine } = await hostWhereSudo('password', WITH_PASSWORD);
    const session = await (await connectorFor([machine])).openForWriting(machine);
    const mark = `3${Date.now()}`;
    expect(await session.run(sh`sleep ${mark}`, { timeoutMs: 200 })).toMatchObject({ exitCode: null, timedOut: true });
    expect(processesWith(mark)).toBe(0);
    expect(server.traffic.commands).toHaveLength(2);
    expect(server.traffic.commands.every((command) => command.includes('sudo'))).toBe(true);
    await session.close();
  });

  it('needs no sudo for who is root already', async () => {
    const root = join(fixture.directory, 'root-bin');
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
    const server = await fixture.serve({ environment: { PATH: `${root}:/usr/bin:/bin` } });
    const machine = fixture.at(server.port, { ansible_become: true });
    const session = await (await connectorFor([machine])).openForWriting(machine);
    expect(await session.run(sh`echo "[$SUDOED]"`)).toMatchObject({ stdout: '[]\n' });
    await session.close();
  });

  it('never sends more lines than sudo reads: its shell would run the others', async () => {
    const { machine } = await hostWhereSudo('password');
    const becomePassword = new Secret('open sesame\nopen more');
    const connector = await connectorFor([machine], { connection: { ...NOWHERE, becomePassword } });
    rmSync(opened, { force: true });
    await expect(connector.openForWriting(machine)).rejects.toThrow('password');
    expect(existsSync(opened)).toBe(false);
  });

  it('never shows the password to other processes', async () => {
    const { server, machine } = await hostWhereSudo('password', { ansible_become_password: 'open sesame' });
    const session = await (await connectorFor([machine])).openForWriting(machine);
    expect(processesWith('open sesame')).toBe(0);
    expect(server.traffic.commands.join()).not.toContain('sesame');
    await session.close();
  });

  it.each<[string, string, Record<string, Json>, RegExp, RegExp]>([
    [
      'the password is wrong',
      'password',
      { ansible_become_password: 'guess' },
      /does not accept the password/,
      /ansible_become_password/,
    ],
    [
      'the password is wrong, and there is one try',
      'once',
      { ansible_become_password: 'guess' },
      /does not accept the password/,
      /ansible_become_password/,
    ],
    [
      'the password is right, and sudo fails at something else',
      'broken',
      WITH_PASSWORD,
      /^sudo does not start a shell: sudo: error initializing I\/O plugin sudoers_io$/,
      /sudo sh -c true/,
    ],
    [
      'a password is needed and there is none',
      'password',
      {},
      /^sudo asks for a password/,
      /-K or ansible_become_password/,
    ],
    [
      'sudo-rs does not accept the password',
      'rust',
      { ansible_become_password: 'guess' },
      /^sudo does not accept the password: sudo: maximum 1 incorrect authentication attempts$/,
      /ansible_become_password/,
    ],
    ['sudo-rs needs a password and there is none', 'rust', {}, /^sudo asks for a password/, /-K/],
    [
      'sudo-rs does not find the user in sudoers',
      "sudo: I'm sorry admin. I'm afraid I can't do that",
      {},
      /^sudoers does not allow the user to become root: sudo: I'm sorry admin/,
      /allow it in sudoers/,
    ],
    ['sudoers does not know the user', 'admin is not in the sudoers file.', {}, /^sudoers does not allow/, /sudoers/],
    [
      'sudoers does not allow a shell',
      'denied',
      {},
      /^sudoers does not allow the user to become root: Sorry, .* execute '.usr.bin.sh -c …' as root on m1\.$/,
      /sudoers/,
    ],
    [
      'sudoers allows the user nothing',
      'Sorry, user admin may not run sudo on m1.',
      {},
      /^sudoers does not allow the user to become root: Sorry, user admin may not run sudo on m1\.$/,
      /sudoers/,
    ],
    [
      'sudo says something else below a lecture of the host',
      'On this host you may not run jobs as root.\nsudo: unable to resolve group 5',
      {},
      /^sudo does not start a shell: On this host you may not run jobs/,
      /sudo sh -c true/,
    ],
    [
      'sudo requires a terminal',
      'sudo: sorry, you must have a tty to run sudo',
      {},
      /requiretty/,
      /"Defaults:USER !requiretty" at the end of sudoers/,
    ],
    [
      'the account has expired',
      'sudo: account validation failure, is your account locked?\nsudo: a password is required',
      {},
      /has expired/,
      /log in/,
    ],
    [
      'sudo says something else',
      'sudo: no valid sudoers sources found, quitting',
      {},
      /no valid sudoers sources/,
      /sudo sh -c true/,
    ],
  ])('is explained when it fails because %s', async (_what, behaviour, vars, message, remedy) => {
    const { machine } = await hostWhereSudo(behaviour, vars);
    const error = await refusal(machine);
    expect(error).toMatchObject({ reason: 'become', message: expect.stringMatching(message) });
    expect(error.remedy).toMatch(remedy);
    expect(error.message).not.toMatch(/guess|sesame|kplay-/);
  });

  it('is explained when there is no sudo', async () => {
    const empty = join(fixture.directory, 'no-sudo');
    mkdirSync(empty, { recursive: true });
    writeFileSync(join(empty, 'id'), '#!/bin/sh\necho 1000\n', { mode: 0o755 });
    for (const name of ['sh', 'env']) symlinkSync(`/usr/bin/${name}`, join(empty, name));
    const server = await fixture.serve({ environment: { PATH: empty } });
    const error = await refusal(fixture.at(server.port, { ansible_become: true }));
    expect(error).toMatchObject({ reason: 'become', message: expect.stringMatching(/^there is no sudo on the host/) });
  });
});
