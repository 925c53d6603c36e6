import { findByName } from '../../fields/locator';
import { failureCode } from '../../transport/failure';
import type { Item } from '../../run/item';
import { LABEL_EXISTS, labelsOf, listedLabels, type Label } from './label';

/**
 * The mailbox's label of a name, or a new one. Labels are looked up in one list per run.
 *
 * @param create creates the label
 */
export async function findOrCreateLabel(
	item: Item,
	name: string,
	create: () => Promise<Label>,
): Promise<{ label: Label; isNew: boolean }> {
	const labels = await labelsOf(item);
	const find = (candidates: Label[]) => {
		const [only, another] = findByName(candidates, name, (label) => label.name);
		return another ? undefined : only;
	};
	const known = find(labels);
	if (known) return { label: known, isNew: false };
	let isNew = true;
	const label = await create().catch(async (error: unknown) => {
		// Somebody else may have created it since the list was read.
		const existing = failureCode(error) === LABEL_EXISTS ? find(await listedLabels(item)) : undefined;
		if (!existing) throw error;
		isNew = false;
		return existing;
	});
	labels.push(label);
	return { label, isNew };
}
