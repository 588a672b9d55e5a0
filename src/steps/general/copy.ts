import { createHash } from 'node:crypto';
import { HOST_PATH_PATTERN } from '../../core/host-path.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { RefusePlan } from '../../core/plan.ts';
import type { JsonSchemaObject, ValueOf } from '../../core/schema.ts';
import { hereDocument, sh } from '../../core/shell.ts';
import { defineStep, type Step } from '../../core/step.ts';
import { kubernetesFiles } from '../../facts/certificates/kubernetes-files.ts';
import { type CopyPlace, copyPlace } from '../../facts/files/copy-place.ts';
import { withPath } from '../../facts/files/existing-paths.ts';
import { type RemoteFile, remoteFile, withRemoteFile } from '../../facts/files/remote-file.ts';
import { withUnitFile } from '../../facts/processes/service-state.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { untouchableAt } from '../../kubeadm/host/untouchable.ts';
import { writeJson } from '../../template/values/json-text.ts';
import { placeFunctions } from '../placing/place-functions.ts';
import { missingRefusal } from './copy-missing.ts';
import { unlessProvided } from './unless-provided.ts';

const schema = {
  type: 'object',
  properties: {
    content: {
      type: ['string', 'object', 'array'],
      description: 'content of the file; a mapping or a list is written as JSON',
      'x-any-word': true,
    },
    dest: {
      type: 'string',
      pattern: HOST_PATH_PATTERN,
      description: 'path of the file on the host, from / and with its own name; its directory must exist',
      'x-any-word': true,
    },
    mode: {
      type: 'string',
      pattern: '^[0-7]{3,4}$',
      description: 'permissions as a quoted octal number: "0644"; default: those of the old file, or 0644',
    },
    owner: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', description: 'user name or id' },
    group: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', description: 'group name or id' },
    follow: {
      type: 'boolean',
      default: false,
      description: 'if dest is a symbolic link, write the file that it points to; otherwise a file replaces the link',
    },
  },
  required: ['content', 'dest'],
  additionalProperties: false,
} as const satisfies JsonSchemaObject;

type Params = ValueOf<typeof schema>;

/** CAs and sa keys below any pki directory, and below /etc/kubernetes, where certificatesDir may have another name. */
const FORBIDDEN = /(^|\/)(pki|etc\/+kubernetes)\/(.*\/)?(ca|front-proxy-ca|sa)\.(crt|key|pub)$/;

const step: Step<Params> = {
  name: 'copy',
  summary: 'write a text file on the host',
  details:
    'The file gets a final newline. It is made in a directory that nobody else can write to, and then renamed: no ' +
    'reader sees a partial file. A directory, a link to one or a device is never replaced. A link is followed only with ' +
    'follow: true, and only if nobody but root can change its target. CA files and sa keys of Kubernetes are refused. ' +
    'Hosts that share the directory (NFS) would interfere with each other: let them write one after another, with throttle: 1.',
  schema,
  examples: [{ title: 'A message', task: 'copy: { dest: /etc/motd, content: "managed by kplay", mode: "0644" }' }],
  distrustsCommands: true,
  needs: (params) => [remoteFile(params.dest), placeOf(params), kubernetesFiles],
  plan(params, world, context) {
    const current = world.get(remoteFile(params.dest));
    const refusal = forbidden(params, current, world.get(kubernetesFiles)) ?? placeRefusal(params, current);
    if (refusal && !(refusal.isFailure && context.isBehindCommand)) return refusal;
    const place = world.get(placeOf(params));
    const wanted = wantedFile(params, current, place);
    const differences = differencesOf(params, current, wanted);
    if (differences.length === 0)
      return { action: 'none', reason: `${params.dest} is up to date`, result: resultOf(params, current) };
    const missing = refusal ?? missingRefusal(params, place, follows(params, current));
    if (missing && !context.isBehindCommand) return missing;
    const isThere = current.kind === 'file' || current.link !== undefined;
    return {
      action: 'change',
      changes: [
        {
          kind: isThere ? 'update' : 'create',
          target: params.dest,
          before: isThere ? beforeOf(current) : null,
          after: { content: textOf(params) },
          summary: differences.join(', '),
          disruptive: false,
        },
      ],
      after: [params.dest, wanted.place].reduce(
        (known, path) => withPath(known, path, true),
        withUnitFile(withRemoteFile(world, params.dest, wanted), params.dest),
      ),
      // As in Ansible, which says nothing of a file with other content.
      inCheckMode: { result: isOther(params, current) ? {} : resultOf(params, current), isSkipped: false },
      ...(missing && { warnings: [unlessProvided(missing)] }),
    };
  },
  async apply(context, params, { world }) {
    const current = world.get(remoteFile(params.dest));
    const { mode } = wantedFile(params, current, world.get(placeOf(params)));
    const owner = ownerSpec(params, current);
    const { stdout } = await context.run(sh`set -eu
${placeFunctions(world.get(kubernetesFiles).untouchable)}
${params.owner === undefined || /^\d+$/.test(params.owner) ? sh`:` : sh`id -u ${params.owner} >/dev/null 2>&1 || { error ${`the user ${params.owner} does not exist`}; exit 1; }`}
target=${params.dest}
${follows(params, current) ? sh`final "$target"` : sh`:`}
d="\${target%/*}" n="./\${target##*/}"
[ -d "$R$d/" ] || { error "the directory $d does not exist"; exit 1; }
keep() { cat >"$1" || { leave; return 1; }; }
beside "$d"
${hereDocument(sh`keep "$n"`, textOf(params))}
${owner === undefined ? sh`:` : sh`chown ${owner} "$n" || { leave; exit 1; }`}
chmod ${mode} "$n" || { leave; exit 1; }
[ ! -d "../$n" ] && { [ -L "../$n" ] || [ ! -e "../$n" ] || [ -f "../$n" ]; } || { leave; error "$target is not a file"; exit 1; }
put_in_place "$n"
stat -c '%a %u %g
%U
%G' "$R$target"
`);
    return { result: writtenResult(params, stdout, isOther(params, current)) };
  },
};

export const copy = defineStep(step);

function sha256Of(params: Params): string {
  return createHash('sha256').update(textOf(params)).digest('hex');
}

/** Whether other content is there than is wanted. To Ansible, a link that is to be replaced has none. */
function isOther(params: Params, current: RemoteFile): boolean {
  return current.sha256 !== sha256Of(params) || (current.link !== undefined && !params.follow);
}

type Attributes = Pick<RemoteFile, 'mode' | 'owner' | 'group'>;

/** What Ansible registers for a file that has its content. */
function resultOf(params: Params, { mode, owner, group }: Attributes): JsonObject {
  const text = textOf(params);
  return {
    dest: params.dest,
    path: params.dest,
    state: 'file',
    size: Buffer.byteLength(text),
    checksum: createHash('sha1').update(text).digest('hex'),
    // As Ansible writes it: 0644, 04755.
    mode: mode?.replace(/^[1-7]/, '0$&') ?? null,
    ...(owner && { owner: owner.name, uid: Number(owner.id) }),
    ...(group && { group: group.name, gid: Number(group.id) }),
  };
}

/** The same for a file that was written. @param output what `stat` says of it */
function writtenResult(params: Params, output: string, isNew: boolean): JsonObject {
  const [numbers = '', user = '', group = ''] = output.trim().split('\n');
  const [mode = '', uid = '', gid = ''] = numbers.split(' ');
  const owners = { owner: { name: user, id: uid }, group: { name: group, id: gid } };
  const result = resultOf(params, { mode: mode.padStart(4, '0'), ...owners });
  if (!isNew) return result;
  const { path: _, ...ofNew } = result;
  return { ...ofNew, md5sum: createHash('md5').update(textOf(params)).digest('hex') };
}

function follows({ follow }: Params, { link }: RemoteFile): boolean {
  return follow && link !== undefined;
}

/** By its name, by the resolved name of its place, and by the file that is there. */
function forbidden({ dest }: Params, { place, inode }: RemoteFile, host: KubeadmHost): RefusePlan | undefined {
  const hit = untouchableAt(host.untouchable, dest, inode) ?? untouchableAt(host.untouchable, place);
  if (!hit && !FORBIDDEN.test(dest) && !FORBIDDEN.test(place)) return undefined;
  return {
    action: 'refuse',
    code: 'copy-forbidden',
    reason: `${dest} is ${hit && !FORBIDDEN.test(dest) ? `${hit.path}, ${hit.because}` : 'a CA or service account key'}`,
    remedy: 'kplay never writes it; do it by hand',
  };
}

/** Why the file may not be written in this place. */
function placeRefusal(params: Params, current: RemoteFile): RefusePlan | undefined {
  const { dest } = params;
  if (current.kind === 'directory')
    return {
      action: 'refuse',
      code: 'copy-place',
      reason: current.link ? `${dest} is a link to ${current.link.target}, a directory` : `${dest} is a directory`,
      remedy: 'include the name of the file in dest',
      isFailure: true,
      result: { msg: 'can not use content with a dir as dest' },
    };
  if (current.link && !params.follow) return undefined;
  if (current.kind === 'other')
    return {
      action: 'refuse',
      code: 'copy-place',
      reason: `${dest} is a device, a pipe or a socket: it is not replaced by a file`,
      remedy: 'choose another dest',
    };
  if (current.kind === 'unreadable')
    return {
      action: 'refuse',
      code: 'copy-place',
      reason: `${dest} exists and cannot be read: what would be replaced, its owner and its mode are not known`,
      remedy: current.deniesRoot
        ? `even root cannot read it: find out with findmnt -T ${dest} whether it is on NFS or FUSE, and write it where it is served, or choose another dest; if something replaces it again and again, wait for that`
        : 'set become: true, or move the file away by hand',
    };
  if (current.link?.guarded === false)
    return {
      action: 'refuse',
      code: 'copy-place',
      reason: `${dest} is a link to ${current.link.target} that users other than root can change: it is not followed`,
      remedy: 'set dest to the path of the file itself, or replace the link with follow: false',
    };
  return undefined;
}

function placeOf({ dest, owner, group, follow }: Params) {
  return copyPlace(dest, owner, group, follow ? 'follow' : 'replace');
}

function beforeOf({ link, content }: RemoteFile): JsonObject | null {
  if (link) return { link: link.target, ...(content !== undefined && { content }) };
  return content === undefined ? null : { content };
}

/** The argument of chown: the wanted owner, else that of the old file; undefined for none. */
function ownerSpec({ owner, group, follow }: Params, current: RemoteFile): string | undefined {
  const old = current.kind === 'file' && (follow || !current.link) ? current : undefined;
  const user = owner ?? old?.owner?.id ?? '';
  const own = group ?? old?.group?.id;
  const spec = own === undefined ? user : `${user}:${own}`;
  return spec === '' ? undefined : spec;
}

function textOf({ content }: Params): string {
  // Formatted like Python's json.dumps, which Ansible uses for the file.
  const text = typeof content === 'string' ? content : writeJson(content as Json, { isAscii: true });
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function wantedFile(params: Params, found: RemoteFile, place: CopyPlace): RemoteFile & { readonly mode: string } {
  const text = textOf(params);
  const current = found.link && !params.follow ? undefined : found;
  const mode = params.mode?.padStart(4, '0') ?? current?.mode ?? '0644';
  return {
    kind: 'file',
    ...(current?.link && { link: current.link }),
    place: found.place,
    ...(found.inode !== undefined && { inode: found.inode }),
    sha256: sha256Of(params),
    content: text,
    mode,
    owner: owned(params.owner, current?.owner, place.owner),
    group: owned(params.group, current?.group, place.group),
  };
}

/**
 * The wanted owner in the form in which the host reports the present one: by name and id.
 * @param known who that is, as far as the host tells: not if an earlier task has yet to make the user
 */
function owned(
  wanted: string | undefined,
  current: RemoteFile['owner'],
  known: CopyPlace['owner'],
): RemoteFile['owner'] {
  if (wanted === undefined) return current ?? known;
  if (wanted === current?.name || wanted === current?.id) return current;
  return known ?? { name: wanted, id: wanted };
}

function differencesOf(params: Params, current: RemoteFile, wanted: RemoteFile): readonly string[] {
  if (current.link && !params.follow) return [`a file in place of the link to ${current.link.target}`];
  if (current.kind !== 'file') return ['new'];
  return [
    ...(current.sha256 === wanted.sha256 ? [] : ['content']),
    ...(current.mode === wanted.mode ? [] : [`mode ${current.mode} → ${wanted.mode}`]),
    ...(current.owner === wanted.owner ? [] : [`owner ${current.owner?.name} → ${wanted.owner?.name}`]),
    ...(current.group === wanted.group ? [] : [`group ${current.group?.name} → ${wanted.group?.name}`]),
  ];
}
