import { createHash } from 'node:crypto';
import type { JsonSchemaObject, ValueOf } from '../core/schema.ts';
import { hereDocument, sh } from '../core/shell.ts';
import { defineStep, type Step } from '../core/step.ts';
import { type RemoteFile, remoteFile } from '../facts/remote-file.ts';

const schema = {
  type: 'object',
  properties: {
    content: { type: 'string', description: 'what the file is to hold' },
    dest: { type: 'string', pattern: '^/.*[^/]$', description: 'path of the file on the host' },
    mode: {
      type: 'string',
      pattern: '^[0-7]{3,4}$',
      description: 'permissions as a quoted octal number: "0644"; those of the old file, else 0644, when absent',
    },
    owner: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', description: 'user name or id' },
    group: { type: 'string', pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$', description: 'group name or id' },
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
    'The file gets a final newline. It is written beside its place and renamed, so that no reader sees half of it. CA files ' +
    'and sa keys of Kubernetes are refused.',
  schema,
  examples: [{ title: 'A message', task: 'copy: { dest: /etc/motd, content: "managed by kplay", mode: "0644" }' }],
  needs: ({ dest }) => [remoteFile(dest)],
  plan(params, world) {
    if (FORBIDDEN.test(params.dest)) {
      return {
        action: 'refuse',
        reason: `${params.dest} is a CA or service account key`,
        remedy: 'no step of kplay writes it; do it by hand',
      };
    }
    const current = world.get(remoteFile(params.dest));
    const wanted = wantedFile(params, current);
    const differences = differencesOf(current, wanted);
    if (differences.length === 0) return { action: 'none', reason: `${params.dest} is as it should be` };
    const shown = current.content === undefined ? null : { content: current.content };
    return {
      action: 'change',
      changes: [
        {
          kind: current.exists ? 'update' : 'create',
          target: params.dest,
          before: current.exists ? shown : null,
          after: { content: textOf(params) },
          summary: differences.join(', '),
          disruptive: false,
        },
      ],
      after: world.set(remoteFile(params.dest), wanted),
    };
  },
  async apply(context, params, { world }) {
    const { mode } = wantedFile(params, world.get(remoteFile(params.dest)));
    await context.run(sh`set -eu
t="$R"${params.dest}
n="\${t%/*}/.kplay-new-\${t##*/}"
${hereDocument(sh`cat >"$n"`, textOf(params))}
chmod ${mode} "$n"
${params.owner === undefined ? sh`[ ! -e "$t" ] || [ "$(id -u)" != 0 ] || chown "$(stat -c %u "$t")" "$n"` : sh`chown ${params.owner} "$n"`}
${params.group === undefined ? sh`[ ! -e "$t" ] || [ "$(id -u)" != 0 ] || chgrp "$(stat -c %g "$t")" "$n"` : sh`chgrp ${params.group} "$n"`}
mv -f "$n" "$t"
`);
    return {};
  },
};

export const copy = defineStep(step);

function textOf({ content }: Params): string {
  return content === '' || content.endsWith('\n') ? content : `${content}\n`;
}

function wantedFile(params: Params, current: RemoteFile): RemoteFile & { readonly mode: string } {
  const text = textOf(params);
  const mode = params.mode?.padStart(4, '0') ?? (current.exists ? current.mode : undefined) ?? '0644';
  return {
    exists: true,
    sha256: createHash('sha256').update(text).digest('hex'),
    content: text,
    mode,
    owner: owned(params.owner, current.owner),
    group: owned(params.group, current.group),
  };
}

/** The wanted owner in the form in which the host tells the present one: by name and id. */
function owned(wanted: string | undefined, current: RemoteFile['owner']): RemoteFile['owner'] {
  if (wanted === undefined || wanted === current?.name || wanted === current?.id) return current;
  return { name: wanted, id: wanted };
}

function differencesOf(current: RemoteFile, wanted: RemoteFile): readonly string[] {
  if (!current.exists) return ['new'];
  return [
    ...(current.sha256 === wanted.sha256 ? [] : ['content']),
    ...(current.mode === wanted.mode ? [] : [`mode ${current.mode} → ${wanted.mode}`]),
    ...(current.owner === wanted.owner ? [] : [`owner ${current.owner?.name} → ${wanted.owner?.name}`]),
    ...(current.group === wanted.group ? [] : [`group ${current.group?.name} → ${wanted.group?.name}`]),
  ];
}
