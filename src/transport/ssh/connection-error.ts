import { endpointText } from '../../core/endpoint.ts';
import { UnreachableError } from '../../core/session.ts';
import { isOutOfFiles } from '../../core/system-error.ts';
import { outOfFiles } from '../machine-limits.ts';
import type { SshDestination } from '../settings/settings.ts';
import { type Authentication, PASSWORD } from './authentication.ts';
import type { Disagreement } from './key-exchange.ts';

/** The stage at which a connection failed. */
export type ConnectStage = 'connecting' | 'handshake' | 'authentication';

/** Why a connection failed, and whether an immediate retry may help. */
export interface ConnectFailure {
  readonly error: UnreachableError;
  readonly retry: boolean;
}

/** Properties of ssh2's errors: `level` for its own, `code` from the system, or the number of an SSH disconnect message. */
interface Ssh2Error {
  readonly message: string;
  readonly level?: string;
  readonly code?: string | number;
}

/** A failed connection. */
interface FailedConnection {
  readonly host: string;
  readonly destination: SshDestination;
  /** The destination is a jump host, which no variable of the host describes. */
  readonly isJump: boolean;
  readonly stage: ConnectStage;
  readonly timeoutMs: number;
  readonly authentication: Authentication;
  /** The algorithms on which client and sshd could not agree. */
  readonly disagreed?: Disagreement | undefined;
}

/** Where the address, the port and the user of a destination come from. */
type Origins = Readonly<Record<'address' | 'port' | 'user', string>>;

const OF_HOST: Origins = { address: 'ansible_host', port: 'ansible_port', user: 'ansible_user' };
const OF_JUMP: Origins = {
  address: 'its address in ProxyJump',
  port: 'its port in ProxyJump',
  user: 'its user in ProxyJump (USER@HOST)',
};

/**
 * Classifies an error of ssh2 by its `level` and `code`, never by its text.
 * @param cause the last error of ssh2; null if the connection just ended
 */
export function connectFailure(failed: FailedConnection, cause: unknown): ConnectFailure {
  const { host, destination, isJump, stage, timeoutMs, authentication, disagreed } = failed;
  if (isOutOfFiles(cause)) return { error: outOfFiles(host, cause), retry: false };
  const { level, code, message } = ssh2Error(cause);
  const where = endpointText(destination);
  const unconnected = networkFailure(failed, code);
  if (unconnected) return unconnected;
  const fail = failureOf(host);
  if (level === 'client-timeout') {
    const doing = stage === 'connecting' ? 'does not answer' : `did not finish the ${stage}`;
    return fail(
      'timeout',
      `${where} ${doing} within ${timeoutMs / 1_000} s`,
      'check that the host is up and not overloaded',
    );
  }
  if (level === 'client-authentication' || (stage === 'authentication' && level !== 'client-socket')) {
    const isCut = level === undefined;
    // As sshd does with an account that it does not let in although the key is right.
    const isSilent = isCut && message === '';
    return fail(
      'authentication',
      authenticationMessage(destination, level, isSilent ? authentication.said : message, authentication),
      isCut ? remedyOfCut(isSilent, authentication, isJump) : remedyOf(authentication, isJump),
    );
  }
  if (disagreed && stage === 'handshake') {
    const { what, offered, remedy } = disagreed;
    const offers = offered.join(', ') || 'none';
    return fail('refused', `${where} and kplay have no ${what} in common; the host offers ${offers}`, remedy);
  }
  if (level === 'handshake') {
    return fail(
      'refused',
      `${where} and kplay cannot agree on an SSH connection: ${message}`,
      'update sshd on the host',
    );
  }
  const ended = fail(
    'refused',
    `${where} closed the connection during the ${stage}${message && `: ${message}`}`,
    'check that it is an sshd, and its MaxStartups and PerSourcePenalties',
  );
  return stage === 'authentication' ? ended : mayRetry(ended);
}

/** Why there is no connection at all, by the code of the system's error; undefined for other errors. */
function networkFailure(
  { host, destination, isJump }: FailedConnection,
  code: Ssh2Error['code'],
): ConnectFailure | undefined {
  const { address, port } = isJump ? OF_JUMP : OF_HOST;
  const where = endpointText(destination);
  const fail = failureOf(host);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return fail(
        'address',
        `the name ${destination.address} has no address (${code})`,
        `check ${address}, and the DNS`,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'EADDRNOTAVAIL':
      return fail(
        'address',
        `no route to ${where} (${code})`,
        `check ${address}, the network, and that the host is up`,
      );
    case 'ECONNREFUSED':
      return mayRetry(
        fail('refused', `${where} refuses the connection`, `check ${port}, and that sshd runs on the host`),
      );
    case 'ETIMEDOUT':
      return fail('timeout', `${where} does not answer`, `check ${address}, firewalls, and that the host is up`);
    default:
      return undefined;
  }
}

/** Makes failures of a host for which another attempt would not help. */
function failureOf(host: string): (...why: [UnreachableError['reason'], string, string?]) => ConnectFailure {
  return (...why) => ({ error: new UnreachableError(host, ...why), retry: false });
}

function mayRetry(failure: ConnectFailure): ConnectFailure {
  return { ...failure, retry: true };
}

const ACCOUNT_REMEDY =
  'check the account on the host: it may have expired or be locked, or /etc/nologin or a rule of PAM may keep it out; the log of sshd says why';

/** What to do where the host has ended the login before all that there is was tried. */
function remedyOfCut(isSilent: boolean, authentication: Authentication, isJump: boolean): string {
  const { keysOffered } = authentication;
  if (keysOffered < 2) return isSilent ? ACCOUNT_REMEDY : remedyOf(authentication, isJump);
  const password = triesPassword(authentication) ? 'check the password (ansible_password, or -k), or ' : '';
  const fewer =
    `${password}name the right key (ansible_ssh_private_key_file or --private-key), which is then offered first, or leave the others out with ` +
    '-o IdentitiesOnly=yes: an sshd accepts few attempts (MaxAuthTries)';
  return isSilent ? `${ACCOUNT_REMEDY}; if it says that there were too many attempts, ${fewer}` : fewer;
}

function ssh2Error(cause: unknown): Ssh2Error {
  return cause instanceof Error ? (cause as Error & Ssh2Error) : { message: cause ? String(cause) : '' };
}

function authenticationMessage(
  { user, address }: SshDestination,
  level: string | undefined,
  message: string,
  { tried, accepted, problems, isPasswordWithheld, keysOffered }: Authentication,
): string {
  const nothing = isPasswordWithheld ? 'there was no key to try' : 'there was no key or password to try';
  const offered = tried.length > 0 ? `tried ${tried.join(', ')}` : nothing;
  const wanted = accepted ? `; it accepts ${accepted.join(', ') || 'nothing of this user'}` : '';
  const details = [...problems].map((problem) => `; ${problem}`).join('');
  const cut =
    level === undefined && keysOffered > 1 ? `; it ended the login while it was offered ${keysOffered} keys` : '';
  const detail = level === undefined && message !== '' ? `; it said: ${message}` : '';
  return `${address} rejects the login of user ${user}: ${offered}${wanted}${details}${cut}${detail}`;
}

function triesPassword({ tried }: Authentication): boolean {
  return tried.some((label) => label.startsWith(PASSWORD));
}

function remedyOf(authentication: Authentication, isJump: boolean): string {
  const { user } = isJump ? OF_JUMP : OF_HOST;
  const { tried, accepted, isPasswordWithheld } = authentication;
  if (isPasswordWithheld) return 'correct known_hosts as the warning about the host key says, or log in with a key';
  if (accepted && !accepted.includes('publickey')) {
    // A jump host never gets one.
    const takesPassword = !isJump && (accepted.includes('password') || accepted.includes('keyboard-interactive'));
    if (!takesPassword) return `check ${user}, and on the host whether sshd lets this user log in with a key`;
    return triesPassword(authentication)
      ? 'check ansible_user and the password: ansible_password, or -k'
      : 'provide a password: ansible_password, or -k';
  }
  if (tried.length === 0) return 'name a key (ansible_ssh_private_key_file or --private-key), or start an agent';
  const other = triesPassword(authentication) ? ', the password (ansible_password, or -k)' : '';
  return `check ${user}${other}, and that the public key is in the user's ~/.ssh/authorized_keys on the host`;
}
