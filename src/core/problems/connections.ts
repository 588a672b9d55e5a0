import type { UnreachableCause } from '../session.ts';
import type { Problem } from './problem.ts';

/** Why a host cannot be reached, or is lost: one entry per cause. */
export const CONNECTION_PROBLEMS = {
  'unreachable-address': {
    title: 'the address of the host is unknown or unreachable',
    why: 'The name of the host, or its `ansible_host`, cannot be resolved, or there is no route to it.',
    remedy: 'Correct `ansible_host` in the inventory, or fix DNS; test it with `ssh HOST`.',
  },
  'unreachable-refused': {
    title: 'nothing listens at the address',
    why: 'The host, or a firewall in front of it, rejected the connection: sshd is not running, or uses another port.',
    remedy: 'Start sshd, or correct `ansible_port`.',
  },
  'unreachable-timeout': {
    title: 'the host does not answer in time',
    why: 'It is down, a firewall drops the packets, or logging in takes longer than `--timeout`.',
    remedy: 'Try `ssh HOST`. If only the login is slow, give it more time: `--timeout 60`.',
  },
  'unreachable-host-key': {
    title: 'the host key is unknown or has changed',
    why: 'kplay only connects to hosts whose key is in `known_hosts`. A changed key means that the host was reinstalled, or that another machine answers in its place.',
    remedy:
      'On the console of the host, run `ssh-keygen -lf` for the files `/etc/ssh/ssh_host_*_key.pub` and compare the fingerprint with the one in the message. If they match, add the line from the message to `known_hosts`; for a changed key, first remove the old one (`ssh-keygen -R HOST`). If they differ, another machine is answering. `--host-key-checking accept-new` compares nothing: it accepts the first key of any new host, so use it only in networks that you trust.',
  },
  'unreachable-authentication': {
    title: 'the host rejects the login',
    why: 'It accepts none of the keys and passwords that kplay was given, a private key cannot be used because other users can read it, or the account is not let in: it has expired or is locked, or `/etc/nologin` or a rule of PAM forbids it.',
    remedy:
      'Check the user (`-u`) and the key (`--private-key`, or `ssh-add -l`). Use `chmod 600` for a key that others can read, load a key with a passphrase into an agent, or use `-k` to be asked for a password. If the key is right, see on the host what `chage -l USER` and the log of sshd say about the account. If an agent holds many keys, name one: sshd ends a login after a few attempts (`MaxAuthTries`).',
  },
  'unreachable-become': {
    title: 'the user cannot become root',
    why: 'sudo asks for a password that kplay was not given, rejects the one it was given, or does not allow this user.',
    remedy:
      'Provide the password with `-K` or `--become-password-file FILE`, or log in as a user who may become root. sudo-rs, which some distributions have in place of sudo, serves as well.',
  },
  'unreachable-shell': {
    title: 'the host does not start a usable shell',
    why: 'The login worked, but then `/bin/sh` did not start, or something else answered: a login script that waits, exits or starts another program, a restricted shell, a full disk.',
    remedy:
      'Try `ssh HOST sh -c true`: it must exit with 0 at once. Remove commands that wait, exit or start other programs from the shell’s startup files, or log in as another user.',
  },
  'unreachable-open-files': {
    title: 'this machine cannot open another connection',
    why: 'kplay holds a connection to every host until the end of the run, and the machine that it runs on limits the number of open files.',
    remedy:
      'Raise the limit of that machine: `ulimit -Hn`, `LimitNOFILE=` of a unit, or `--ulimit nofile` of a container. Or run on some of the hosts at a time: `--limit`.',
  },
  'unreachable-processes': {
    title: 'this machine cannot start another process',
    why: 'For each host with `ansible_connection: local`, kplay starts a shell on the machine that it runs on. That machine, or the container or unit in which kplay runs, limits the number of processes, or its memory is used up.',
    remedy:
      'Raise the limit: `ulimit -u`, `TasksMax=` of a unit, or `--pids-limit` of a container. Or run on some of the hosts at a time: `--limit`.',
  },
  'unreachable-lost': {
    title: 'the connection to the host was lost',
    why: 'It was lost during the run. kplay does not know what the host has done since; a half-changed host restores itself.',
    remedy:
      'Make the host reachable again, then run the same command or `kplay resume last`: kplay first reads the state of the host.',
  },
} as const satisfies Readonly<Record<`unreachable-${UnreachableCause}`, Problem>>;
