import type { Event } from '../../core/events/event.ts';
import type { PlannedTask } from '../../core/events/plan.ts';
import type { JournalEntry } from '../../core/journal.ts';
import { isJsonObject, type Json } from '../../core/json.ts';
import type { Change } from '../../core/plan.ts';
import { maskText } from './mask.ts';

/** A side of a change that is the text of a file. */
type FileSide = { readonly content: string };

export function isFileSide(side: Json): side is FileSide {
  return isJsonObject(side) && typeof side['content'] === 'string';
}

/** An event in which texts of files contain nothing that looks like a secret: they come from hosts, which nobody has asked about them. */
export function withHiddenContents(event: Event): Event {
  switch (event.type) {
    case 'play-planned': {
      const { plan } = event;
      const hosts = plan.hosts.map((host) => ({ ...host, tasks: host.tasks.map(ofPlannedTask) }));
      return { ...event, plan: { ...plan, hosts } };
    }
    case 'task-finished':
      return { ...event, changes: event.changes.map(ofChange) };
    case 'run-finished':
      return { ...event, hosts: event.hosts.map((host) => ({ ...host, changes: host.changes.map(ofChange) })) };
    default:
      return event;
  }
}

/** The same of what the journal records of changes before they are made. */
export function entryWithHiddenContents(entry: JournalEntry): JournalEntry {
  if (entry.type !== 'intent' && entry.type !== 'look') return entry;
  return { ...entry, changes: (entry.changes as unknown as readonly Change[]).map(ofChange) as unknown as Json };
}

function ofPlannedTask(task: PlannedTask): PlannedTask {
  if (task.action === 'none') return task.would ? { ...task, would: task.would.map(ofChange) } : task;
  if (task.action !== 'change') return task;
  const [first, ...others] = task.changes;
  return { ...task, changes: [ofChange(first), ...others.map(ofChange)] };
}

function ofChange(change: Change): Change {
  const { before, after } = change;
  if (!isFileSide(before) && !isFileSide(after)) return change;
  const [shownBefore, shownAfter] = [ofSide(before), ofSide(after)];
  const isSame = isFileSide(shownBefore) && isFileSide(shownAfter) && shownBefore.content === shownAfter.content;
  const differsInHidden = isSame && isFileSide(before) && isFileSide(after) && before.content !== after.content;
  return {
    ...change,
    before: shownBefore,
    after: differsInHidden && isJsonObject(shownAfter) ? { ...shownAfter, differsInHidden } : shownAfter,
  };
}

function ofSide(side: Json): Json {
  return isFileSide(side) ? { ...side, content: maskText(side.content) } : side;
}
