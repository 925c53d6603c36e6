import type { Operation } from '../../run/operation';
import { createLabel, newLabel } from './create.operation';
import { findOrCreateLabel } from './findOrCreate';
import { labelBody, labelColorField, labelNameField, listLabels, onNamedLabel } from './label';
import { patchLabel } from './update.operation';

export const upsert: Operation = {
	value: 'upsert',
	name: 'Create or Update',
	action: 'Create or update a label',
	description: 'Create a new record, or update the current one if it already exists (upsert)',
	endpoints: [listLabels, createLabel, patchLabel],
	inFlight: 6,
	fields: [
		labelNameField,
		{
			...labelColorField,
			description: `${labelColorField.description} 'Chosen by Feishu' leaves an existing label as it is.`,
		},
	],
	async execute(item) {
		const wanted = item.body(labelBody);
		const name = String(wanted.name);
		return await onNamedLabel(item, name, async () => {
			const { label, isNew } = await findOrCreateLabel(item, name, async () => await newLabel(item, wanted));
			if (isNew) return { outcome: 'created', ...label };
			const { background_color } = wanted;
			if (!background_color || background_color === label.background_color) {
				return { outcome: 'unchanged', ...label };
			}
			const labelId = { displayName: 'Label', value: label.id };
			const request = { body: { label: { background_color } } };
			const updated = await item.call(patchLabel, { label_id: labelId }, request);
			return { outcome: 'updated', ...Object.assign(label, updated) };
		});
	},
};
