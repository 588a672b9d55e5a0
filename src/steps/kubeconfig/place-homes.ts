import { baseName } from '../../core/host-path.ts';
import { joinScripts, type ShellScript, sh } from '../../core/shell.ts';
import type { Outcome, WriteContext } from '../../core/step.ts';
import type { HomeEntry } from '../../kubeadm/certificates/home.ts';
import type { KubeadmHost } from '../../kubeadm/host/model.ts';
import { attributesOf, attributeWords, placeFunctions } from '../placing/place-functions.ts';
import { enterStage } from '../placing/staging.ts';
import { COMPOSE_FUNCTIONS } from './compose-kubeconfig.ts';

/**
 * Replaces certificates and keys of entries in users' kubeconfigs with those of their originals; everything else is kept. Uses
 * `placeFunctions` and `COMPOSE_FUNCTIONS`, in a stage.
 */
export function placeHomes(entries: readonly HomeEntry[]): ShellScript {
  const homes = new Map<string, HomeEntry[]>();
  for (const entry of entries) homes.set(entry.home.path, [...(homes.get(entry.home.path) ?? []), entry]);
  return joinScripts([...homes.values()].map(placeHome));
}

/**
 * The directory belongs to the user, who may replace the file at any moment with a link to another one. So it is read through a
 * second name in a directory that the user cannot write, where the new file is also made.
 */
function placeHome(entries: readonly HomeEntry[]): ShellScript {
  const [first] = entries;
  if (!first) return sh`:`;
  const { path, file } = first.home;
  const name = `./${baseName(path)}`;
  const compositions = entries.flatMap(({ entry, source }) => {
    if (!entry.lines) return [];
    const original = source.files[0]?.path ?? source.certificatePath;
    const lines = source.kubeconfig?.lines;
    return [
      sh`embedded "$R"${original} "$S/c" "$S/k" ${lines ? [lines.certificate, lines.key] : []}
compose "$S"/home ${entry.lines.certificate} ${entry.lines.key} "$S"/composed
mv -f "$S"/composed "$S"/home`,
    ];
  });
  return sh`hold ${path} ${file.sha256} ${file.uid}
cp ./.kplay-held "$S"/home
${joinScripts(compositions)}
cp "$S"/home ${name}
dress ${attributeWords(attributesOf(file, '0600'))} ${name}
rm -f ./.kplay-held
put_in_place ${name}`;
}

/** Updates only the users' copies, if their originals need no renewal. */
export async function placeHomesAlone(
  context: WriteContext,
  host: KubeadmHost,
  entries: readonly HomeEntry[],
): Promise<Outcome> {
  await context.run(sh`set -eu
${enterStage()}
rm -rf "$S"
mkdir "$S"
${placeFunctions(host.untouchable)}
${COMPOSE_FUNCTIONS}
${placeHomes(entries)}
rm -rf "$S"
`);
  return {};
}
