import type { UnreachableCause } from '../session.ts';
import type { Problem } from './problem.ts';

/** Why a host is not reached, or lost: one for each cause. */
export const CONNECTION_PROBLEMS = {
  'unreachable-address': {
    title: 'the address of the host is not known, or leads nowhere',
    why: 'The name of the host, or its `ansible_host`, could not be resolved, or the network has no way to it.',
    remedy: 'Correct `ansible_host` in the inventory, or the resolver; try it with `ssh HOST`.',
  },
  'unreachable-refused': {
    title: 'nothing listens at the address',
    why: 'The host, or a firewall before it, has turned the connection down: sshd is not running, or has another port.',
    remedy: 'Start sshd, or correct `ansible_port`.',
  },
  'unreachable-timeout': {
    title: 'the host does not answer in time',
    why: 'It is down, a firewall drops what is sent to it, or logging in takes longer than `--timeout`.',
    remedy: 'Try `ssh HOST`. Where only logging in is slow, give it more time: `--timeout 60`.',
  },
  'unreachable-host-key': {
    title: 'the key of the host is not known, or is another one',
    why: 'kplay talks only to hosts whose key stands in `known_hosts`. Another key than before means that the host was set up anew, or that somebody else answers.',
    remedy:
      'Compare the fingerprint that is shown with what `ssh-keygen -lf` prints for the files `/etc/ssh/ssh_host_*_key.pub` at the console of the host. Where it is the same, put the line that is shown into `known_hosts`; of a key that has changed, remove the old one first (`ssh-keygen -R HOST`). Where it is not the same, somebody else answers. `--host-key-checking accept-new` compares nothing: it learns whatever key answers first, and is for networks that you trust.',
  },
  'unreachable-authentication': {
    title: 'the host does not let the user in',
    why: 'It accepts none of the keys and no password that kplay was given, or a private key cannot be used: ssh demands that nobody else may read it.',
    remedy:
      'See that user (`-u`) and key (`--private-key`, or `ssh-add -l`) are those of the host. `chmod 600` a key that others may read; load one that has a passphrase into an agent; `-k` asks for a password.',
  },
  'unreachable-become': {
    title: 'the user cannot become root',
    why: 'sudo asks for a password that kplay was not given, refuses the one it was given, or the user may not use it.',
    remedy: 'Give the password: `-K`, or `--become-password-file FILE`; or log in as a user who may become root.',
  },
  'unreachable-shell': {
    title: 'the host starts no shell that kplay can use',
    why: 'The login worked, and then `/bin/sh` did not start, or something else answered: a login script that prints, a restricted shell, a full disk.',
    remedy:
      'Try `ssh HOST true`: it has to print nothing and to end with 0. Take what prints out of the start files of the shell, or log in as another user.',
  },
  'unreachable-lost': {
    title: 'the connection to the host was lost',
    why: 'It ended in the midst of the run. What the host has done since is not known; what was half done it puts back by itself.',
    remedy:
      'Make the host reachable, then give the same command again or `kplay resume last`: kplay looks at the host first.',
  },
} as const satisfies Readonly<Record<`unreachable-${UnreachableCause}`, Problem>>;
