import { type Fact, type FactRef, factRef } from '../../core/fact.ts';
import { baseName, directoryOf } from '../../core/host-path.ts';
import { sh } from '../../core/shell.ts';
import { Unknown, type World } from '../../core/world.ts';
import { linkTarget, manyLines, ONE_LINE } from '../one-line.ts';
import { GUARD_FUNCTIONS } from './guarded-path.ts';

/** What is at a path of the host, with the content of text files of moderate size. Links are followed. */
export interface RemoteFile {
  /** `unreadable`: a file, of which this session cannot tell anything; `other`: a device, a socket, a pipe. */
  readonly kind: 'absent' | 'file' | 'unreadable' | 'directory' | 'other';
  /** It is unreadable even for root. */
  readonly deniesRoot?: true;
  readonly link?: Link;
  /** The real path of the directory, without links. */
  readonly place: string;
  /** `device:inode` of the file behind all links. */
  readonly inode?: string;
  readonly sha256: string | undefined;
  /** Absent for targets of links that others than root can change. */
  readonly content: string | undefined;
  readonly mode: string | undefined;
  readonly owner: Owner | undefined;
  readonly group: Owner | undefined;
}

/** A symbolic link at the path. */
export interface Link {
  readonly target: string;
  /** Only root can change or replace it. */
  readonly guarded: boolean;
}

export interface Owner {
  readonly name: string;
  readonly id: string;
}

/** Larger files are compared by digest only. */
const MAX_SHOWN_BYTES = 65_536;

/** Separates the details of the file from its content. */
const CONTENT = '\ncontent\n';

const KINDS = ['file', 'directory', 'other'] as const;

const fileFact: Fact<{ readonly path: string }, RemoteFile> = {
  name: 'remote_file',
  summary: 'a file with its content',
  probe: ({ path }) => ({
    script: sh`${GUARD_FUNCTIONS}
f="$R"${path}
at=$(cd -P "$R"${`${directoryOf(path)}/`} 2>/dev/null && pwd -P)
printf 'place %s' "\${at#"$root"}" | ${ONE_LINE}
echo
link=
if [ -L "$f" ]; then
  link=open
  ! guarded "\${at%/}/\${f##*/}" || link=guarded
  printf 'link %s ' "$link"
  readlink "$f" | ${ONE_LINE}
  echo
fi
stat -L -c 'inode %d:%i' "$f" 2>/dev/null
# Nor is a file shown to which a directory on the way leads that others can make a link.
lead= walked= rest=${`${directoryOf(path)}/`}
while [ -n "$rest" ]; do
  walked=$walked\${rest%%/*} rest=\${rest#*/}
  [ -z "$walked" ] || [ ! -L "$R$walked" ] || guarded "$R$walked" || lead=open
  walked=$walked/
done
# What descriptor 4 has open. Who may write the directory can have put a link there since it was looked at: what was opened is then
# not what is there, and nothing is told of it. Most often the file has only been replaced: it is opened again.
opened() {
  [ -n "$link" ] || [ "$(stat -L -c %d:%i /proc/self/fd/4)" = "$(stat -c %d:%i "$f")" ] || return 1
  # A name may contain blanks: Active Directory has a group "domain users".
  stat -L -c 'state %a %u %g
user %U
group %G' /proc/self/fd/4
  printf 'sha256 %s\n' "$(sha256sum </proc/self/fd/4 | cut -c 1-64)"
  if [ "$link" != open ] && [ -z "$lead" ] && [ "$(stat -L -c %s /proc/self/fd/4)" -le ${MAX_SHOWN_BYTES} ]; then
    echo content
    cat /proc/self/fd/4
  fi
  return 0
}
if [ -f "$f" ]; then
  echo kind file
  { opened 4<"$f" || opened 4<"$f" || opened 4<"$f" || [ "$me" != 0 ] || echo denied; } 2>/dev/null
elif [ -d "$f" ]; then echo kind directory
elif [ -e "$f" ]; then echo kind other
fi
`,
  }),
  parse({ stdout }, { path }) {
    const end = stdout.indexOf(CONTENT);
    const head = end < 0 ? stdout : stdout.slice(0, end);
    const content = end < 0 ? undefined : stdout.slice(end + CONTENT.length);
    const lines = head.split('\n');
    const value = (name: string): string | undefined =>
      lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
    const [, guarded, target = ''] = /^(open|guarded) (.*)$/s.exec(value('link') ?? '') ?? [];
    const link = guarded === undefined ? {} : { link: { target: linkTarget(target), guarded: guarded === 'guarded' } };
    const match = /^([0-7]+) (\d+) (\d+)$/.exec(value('state') ?? '');
    const inode = value('inode');
    const directory = manyLines(value('place') ?? '');
    const where = {
      ...link,
      place: directory === '' ? path : `${directory === '/' ? '' : directory}/${baseName(path)}`,
      ...(inode !== undefined && { inode }),
    };
    const kind = KINDS.find((candidate) => candidate === value('kind')) ?? 'absent';
    if (kind !== 'file') return { ...NO_FILE, kind, ...where };
    if (!match)
      return { ...NO_FILE, kind: 'unreadable', ...(lines.includes('denied') && { deniesRoot: true }), ...where };
    const [, mode = '', uid = '', gid = ''] = match;
    return {
      kind,
      ...where,
      sha256: value('sha256'),
      content,
      mode: mode.padStart(4, '0'),
      owner: { name: value('user') ?? '', id: uid },
      group: { name: value('group') ?? '', id: gid },
    };
  },
};

/** Something without content. */
const NO_FILE = { sha256: undefined, content: undefined, mode: undefined, owner: undefined, group: undefined };

/** The file at a path of the host. */
export function remoteFile(path: string): FactRef<RemoteFile> {
  return factRef(fileFact, { path });
}

/**
 * The world after a task has written the file at a path. Other known paths may lead to the same file. A path in the same directory, under
 * another name of that directory, gets the same content; a link that may lead there is unknown until the task has run.
 */
export function withRemoteFile(world: World, path: string, written: RemoteFile): World {
  const { place, inode } = world.get(remoteFile(path));
  return world.mapFact(fileFact, (other, found) => {
    if (other.path === path) return written;
    if (found instanceof Unknown) return found;
    if (found.place === place) return written;
    const mayLeadThere = (found.link ?? written.link) !== undefined && found.inode === inode;
    return mayLeadThere ? new Unknown(`copy ${path}`) : found;
  });
}
