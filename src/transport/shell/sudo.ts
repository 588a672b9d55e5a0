import type { PasswordUse } from './sudo-password.ts';

/** Why sudo started no shell, and a remedy. */
interface SudoProblem {
  readonly message: string;
  readonly remedy: string;
}

const ASKS: SudoProblem & { readonly pattern: RegExp } = {
  pattern: /password is required|authentication is required/,
  message: 'sudo asks for a password',
  remedy: 'provide it with -K or ansible_become_password, or allow the user NOPASSWD in sudoers',
};

export const WRONG_PASSWORD: SudoProblem & { readonly pattern: RegExp } = {
  // The other words are those of sudo-rs. Behind an accepted password, sudo may still fail for another reason.
  pattern: /incorrect (password|authentication) attempt|Authentication failed/,
  message: 'sudo does not accept the password',
  remedy: 'check ansible_become_password, or the password given with -K',
};

const WITHHELD: SudoProblem = {
  message: 'sudo asks for its password, which was not sent, because the host key is not the known one',
  remedy: 'correct known_hosts as the warning about the host key says',
};

/** Messages of sudo (with LC_ALL=C) and env. They are the only source of the reason: sudo's exit code is always 1. */
const PROBLEMS: readonly (SudoProblem & { readonly pattern: RegExp })[] = [
  {
    // Before the next one: sudo may go on to say that a password is required.
    pattern: /account (has expired|validation failure)|password has expired|Account or password is expired/i,
    message: "the user's account or password has expired",
    remedy: 'log in as the user and change the password',
  },
  WRONG_PASSWORD,
  ASKS,
  {
    // The last are the words of sudo-rs, from `src/common/error.rs` of its release 0.2.15.
    pattern:
      /not in the sudoers|is not allowed to|user \S+ may not run |not allowed to run sudo|I'm afraid I can't do that/,
    message: 'sudoers does not allow the user to become root',
    remedy: 'allow it in sudoers, or log in as another user (ansible_user)',
  },
  {
    pattern: /must have a tty/,
    message: 'sudo requires a terminal (requiretty)',
    // Of several settings that match a user, sudo applies the last.
    remedy:
      'put "Defaults:USER !requiretty" at the end of sudoers with visudo, which checks it, USER being the user kplay logs in as',
  },
  {
    pattern: /sudo\S?: (command not found|not found|No such file)/,
    message: 'there is no sudo on the host',
    remedy: 'install sudo, or log in as root and turn become off',
  },
];

/** Explains the output of sudo before it ended. */
export function explainSudo(output: string, password: PasswordUse): SudoProblem {
  const known = PROBLEMS.find(({ pattern }) => pattern.test(output));
  if (known === ASKS && password === 'withheld') return WITHHELD;
  if (known) return known;
  return { message: 'sudo does not start a shell', remedy: "log in with ssh and try 'sudo sh -c true'" };
}
