import { randomBytes } from 'node:crypto';
import type { OptionName, Problems } from '../../core/diagnostic.ts';
import type { Host } from '../../core/host.ts';
import type { Secret, SecretMask } from '../../core/secret.ts';
import { type Connector, sessionKey } from '../../core/session.ts';
import { type Located, rangeOfArgument } from '../../core/source.ts';
import { becomeValues } from '../../engine/program/play-tasks.ts';
import { createConnector } from '../../transport/connector.ts';
import type { ConnectionOptions, HostSettings } from '../../transport/settings/settings.ts';
import { SettingsReader } from '../../transport/settings/settings-reader.ts';
import { KeyRing } from '../../transport/ssh/key-ring.ts';
import type { Environment } from '../environment.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { readPasswordFile } from '../inputs/password-file.ts';
import { askSecret } from '../inputs/prompts.ts';
import type { HostOptions } from '../options/host-options.ts';

/** Receives what is found out while connections are prepared. */
export interface ConnectionFindings {
  readonly problems: Problems;
  /** Each secret is added to it. */
  readonly mask: SecretMask;
  readonly warn: (host: string, message: string, remedy?: string) => void;
}

/**
 * Prepares everything that is needed to connect: settings of each host, opened keys, passwords. Nothing is contacted yet; anything missing
 * is added to `problems`. If these hold errors, nothing is asked for that only a connection needs.
 */
export async function prepareConnector(
  inputs: Inputs,
  options: Omit<HostOptions, 'forks'>,
  environment: Environment,
  { problems, mask, warn }: ConnectionFindings,
): Promise<Connector> {
  const base = { ...connectionOptions(options, environment), ...(await passwords(options, environment, problems)) };
  for (const secret of [base.password, base.becomePassword]) if (secret) mask.add(secret);
  const settings = settingsReader(inputs, options, base, problems);
  const all = inputs.plays.flatMap((play) => {
    const hosts = [...play.hosts.map(({ host }) => host), ...inputs.delegates];
    return becomeValues(play).flatMap((become) => hosts.map((host) => settings(host, become)));
  });
  const agentSocket = environment.variables['SSH_AUTH_SOCK'];
  const agent = agentSocket ? { agentSocket } : {};
  const keys = await KeyRing.load(
    all,
    {
      ...agent,
      skipsEncrypted: problems.hasErrors,
      ...(environment.uid !== undefined && { uid: environment.uid }),
      askPassphrase: async (path) => {
        const passphrase = await askSecret(environment, `passphrase of ${path}`);
        if (passphrase) mask.add(passphrase);
        return passphrase;
      },
    },
    problems,
  );
  return createConnector({
    settings,
    keys,
    ...agent,
    environment: environment.variables,
    token: () => randomBytes(16).toString('hex'),
    warn,
  });
}

/** What the command line says about connections, except for passwords. */
export function connectionOptions(
  options: Partial<HostOptions>,
  { user: localUser, home }: Pick<Environment, 'user' | 'home'>,
): ConnectionOptions {
  const privateKeyFile = locatedFrom('--private-key', options.privateKey);
  return {
    localUser,
    home,
    ...(options.timeout !== undefined && { connectTimeoutMs: options.timeout * 1000 }),
    sshArguments: {
      ansible_ssh_args: locatedFrom('--ssh-args', options.sshArgs),
      ansible_ssh_common_args: locatedFrom('--ssh-common-args', options.sshCommonArgs),
      ansible_ssh_extra_args: locatedFrom('--ssh-extra-args', options.sshExtraArgs),
    },
    ...(options.user !== undefined && { user: options.user }),
    ...(options.connection !== undefined && { connection: options.connection }),
    ...(privateKeyFile && { privateKeyFile }),
    ...(options.hostKeyChecking !== undefined && { hostKeys: options.hostKeyChecking }),
  };
}

/** The passwords that are asked for, or read from a file. */
async function passwords(
  options: Pick<HostOptions, 'askPass' | 'askBecomePass' | 'becomePasswordFile'>,
  environment: Environment,
  problems: Problems,
): Promise<Pick<ConnectionOptions, 'password' | 'becomePassword'>> {
  const password =
    options.askPass && !problems.hasErrors
      ? await askPassword('password to log in', '--ask-pass', environment, problems)
      : undefined;
  const becomePassword = await readBecomePassword(options, environment, problems);
  return { ...(password && { password }), ...(becomePassword && { becomePassword }) };
}

/** Reads the settings of a host, for a value of `become` (default: the command line's), once each. */
export function settingsReader(
  { connectionVars }: Pick<Inputs, 'connectionVars'>,
  options: Pick<HostOptions, 'become'>,
  base: ConnectionOptions,
  problems: Problems,
): (host: Host, become: boolean | undefined) => HostSettings {
  const reader = new SettingsReader(problems);
  const settings = new Map<string, HostSettings>();
  return (host, become) => {
    const wanted = become ?? options.become;
    const key = sessionKey(host, wanted);
    const known = settings.get(key);
    if (known) return known;
    const vars = connectionVars(host);
    const prepared = reader.read(host, vars, { ...base, ...(wanted !== undefined && { become: wanted }) });
    settings.set(key, prepared);
    return prepared;
  };
}

function locatedFrom(option: string, text: string | undefined): Located<string> | undefined {
  return text === undefined ? undefined : { value: text, range: rangeOfArgument(option, text) };
}

async function readBecomePassword(
  { askBecomePass, becomePasswordFile }: Pick<HostOptions, 'askBecomePass' | 'becomePasswordFile'>,
  environment: Environment,
  problems: Problems,
): Promise<Secret | undefined> {
  if (becomePasswordFile !== undefined) return readPasswordFile(becomePasswordFile, '--become-password-file', problems);
  if (!askBecomePass || problems.hasErrors) return undefined;
  return askPassword("sudo's password", '--ask-become-pass', environment, problems, 'use --become-password-file');
}

async function askPassword(
  question: string,
  option: OptionName,
  environment: Environment,
  problems: Problems,
  hint = 'use a key, or put the password into a variable: ansible_password',
): Promise<Secret | undefined> {
  const password = await askSecret(environment, question);
  if (!password) problems.error('cannot ask for the password: there is no terminal', [option], hint);
  else if (password.isEmpty)
    problems.error(`${question}: nothing was typed`, [option], 'give the command again, and type it');
  return password;
}
