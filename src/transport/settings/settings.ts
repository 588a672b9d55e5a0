import type { Secret } from '../../core/secret.ts';
import type { Located, SourceRange } from '../../core/source.ts';
import type { OfferedAlgorithms } from './algorithms.ts';
import type { HostKeyMode } from './ssh-values.ts';

/** How to reach a host, and as whom. Nothing has been tried yet. */
export type HostSettings = LocalSettings | SshSettings;

export interface CommonSettings {
  /** The host's name in the inventory. */
  readonly host: string;
  /** Absent: scripts run as the login user. */
  readonly become: BecomeSettings | undefined;
  /** The directory that stands for `/`; empty on a real host. */
  readonly rootfs: string;
}

/** The controller itself. */
interface LocalSettings extends CommonSettings {
  readonly transport: 'local';
}

export interface SshSettings extends CommonSettings {
  readonly transport: 'ssh';
  readonly target: SshDestination;
  /** Jump hosts, in order. They never get the password. */
  readonly jumps: readonly SshDestination[];
  /** The keys for jump hosts: their own, the target's, and the default ones. */
  readonly jumpIdentities: readonly IdentityFile[];
  readonly jumpHostKeys: HostKeySettings;
  readonly password: Secret | undefined;
  readonly identities: readonly IdentityFile[];
  /** Opens encrypted identities. */
  readonly passphrase: Secret | undefined;
  readonly identitiesOnly: boolean;
  readonly algorithms: OfferedAlgorithms;
  readonly hostKeys: HostKeySettings;
  /** For connecting and logging in together, per hop. */
  readonly connectTimeoutMs: number;
  /** How often a silent connection is probed, and how many probes may remain unanswered; interval 0: never. */
  readonly keepAlive: { readonly intervalMs: number; readonly count: number };
}

/** How to become root. */
export interface BecomeSettings {
  /** sudo's password; undefined if sudo asks for none. */
  readonly password: Secret | undefined;
}

/** An sshd and the login user. */
export interface SshDestination {
  readonly address: string;
  readonly port: number;
  readonly user: string;
}

export interface IdentityFile {
  readonly path: string;
  /** Where it is named; absent for defaults. */
  readonly range?: SourceRange;
  /** One of the default files, which need not exist. */
  readonly isDefault: boolean;
}

export interface HostKeySettings {
  readonly mode: HostKeyMode;
  /** The name in known_hosts, if it is not the address. */
  readonly alias: string | undefined;
  /** New keys are added to the first of them. */
  readonly userFiles: readonly string[];
  readonly globalFiles: readonly string[];
}

/**
 * Connection options of the command line and the environment. As in Ansible the user, the key and the passwords of the command
 * line are defaults, over which variables of the inventory take precedence, and over these ansible_ssh_args. `hostKeys` and the two timings take precedence
 * over variables.
 */
export interface ConnectionOptions {
  /** The user who runs kplay, and the default login user. */
  readonly localUser: string;
  /** The home directory of that user, for `~`. */
  readonly home: string;
  readonly user?: string;
  /** For hosts without `ansible_connection`. */
  readonly connection?: 'ssh' | 'local';
  readonly privateKeyFile?: Located<string>;
  readonly password?: Secret;
  /** From the play, or else the command line. */
  readonly become?: boolean;
  readonly becomePassword?: Secret;
  readonly hostKeys?: HostKeyMode;
  readonly connectTimeoutMs?: number;
  readonly keepAlive?: { readonly intervalMs: number; readonly count: number };
  /** Arguments of ssh, for hosts without the variables. */
  readonly sshArguments?: Readonly<Partial<Record<ArgumentsVariable, Located<string> | undefined>>>;
}
/** The variables with arguments of ssh, in the order in which Ansible passes them. */
export const ARGUMENTS_VARIABLES = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'] as const;
type ArgumentsVariable = (typeof ARGUMENTS_VARIABLES)[number];
