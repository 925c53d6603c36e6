import { findByName } from '../../fields/locator';
import { readList } from '../../fields/list';
import type { Item } from '../../run/item';
import { RefusedInput } from '../../transport/refusedInput';
import { foldersOf, pathsOf } from '../folder/mailFolder';
import { labelsOf } from '../label/label';

/** What search calls Feishu's own folders and labels: all are folders to it. Docs: `filter.folder`. */
export const searchedNames: Readonly<Record<string, string>> = {
	INBOX: 'inbox',
	SENT: 'sent',
	DRAFT: 'draft',
	SCHEDULED: 'scheduled',
	TRASH: 'trash',
	SPAM: 'spam',
	ARCHIVED: 'archive',
	IMPORTANT: 'priority',
	OTHER: 'other',
	FLAGGED: 'flagged',
};

const eitherNote =
	'Important, Other and Flagged are folders to the search of Feishu: of several folders it finds the mails in any of them.';

/** Something in which mails are searched, as other operations call it and as search does. */
interface Place {
	id: string;
	name: string;
}

/** The name of a place that is entered by its id or name. */
function nameOf(places: Place[], entered: string, displayName: string, kind: string): string {
	const byId = places.find(({ id }) => id === entered);
	const [found] = byId ? [byId] : findByName(places, entered, ({ name }) => name);
	if (found) return found.name;
	throw new RefusedInput(
		`'${displayName}': the mailbox has no ${kind} '${entered}'`,
		`Choose one from the list, or enter the whole ${kind === 'folder' ? 'path' : 'name'} of one.`,
	);
}

/**
 * The folders and labels in which an item searches, by the names that Feishu's search takes.
 *
 * @throws RefusedInput for one that the mailbox does not have
 */
export async function searchedPlaces(item: Item): Promise<{ folder: string[]; label: string[] }> {
	const found = { folder: [] as string[], label: [] as string[] };
	const kinds = [
		{ parameter: 'folders', kind: 'folder', places: async () => await placesOfFolders(item) },
		{ parameter: 'labels', kind: 'label', places: async () => await labelsOf(item) },
	] as const;
	for (const { parameter, kind, places } of kinds) {
		const { displayName, values } = readList(item, parameter);
		for (const entered of values) {
			const own = searchedNames[entered.toUpperCase()];
			if (own && kind === 'label' && found.folder.length > 0) item.run.note(eitherNote);
			if (own) found.folder.push(own);
			else found[kind].push(nameOf(await places(), entered, displayName, kind));
		}
	}
	return { folder: [...new Set(found.folder)], label: [...new Set(found.label)] };
}

async function placesOfFolders(item: Item): Promise<Place[]> {
	const paths = pathsOf(await foldersOf(item));
	return [...paths].map(([{ id }, path]) => ({ id, name: searchedNames[id] ?? path }));
}
