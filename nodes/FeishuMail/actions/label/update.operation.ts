import type { Choice } from '../../fields/locator';
import type { Repeatable } from '../../transport/endpoint';
import { RefusedInput } from '../../transport/refusedInput';
import type { Operation } from '../../run/operation';
import {
	labelChanges,
	labelColorField,
	labelColors,
	labelHints,
	labelLocator,
	labelNameField,
	listLabels,
	noteLabel,
	onOwnLabel,
	type Label,
} from './label';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-label/patch */
export const patchLabel: Repeatable<Label> = {
	method: 'PATCH',
	path: `${listLabels.path}/:label_id`,
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 label updates a second',
	write: 'repeatable',
	verify: 'what the label looks like now',
	returns: 'label',
	hints: {
		...labelHints,
		1234000:
			"Feishu does not accept a value of the label: check 'Mailbox', 'Label', 'Name' and 'Background Color'",
	},
};

export const update: Operation = {
	value: 'update',
	name: 'Update',
	action: 'Update a label',
	description: 'Rename a label or change its colour',
	endpoints: [patchLabel, listLabels],
	inFlight: 6,
	fields: [
		labelLocator,
		{
			displayName: 'Update Fields',
			name: 'updateFields',
			type: 'collection',
			placeholder: 'Add Field',
			default: {},
			options: [
				{
					displayName: 'Background Color',
					name: 'backgroundColor',
					type: 'options',
					options: labelColors,
					default: 'blue',
					description: labelColorField.description,
				},
				{ ...labelNameField, required: undefined },
			],
		},
	],
	async execute(item) {
		const label = item.changes(labelChanges);
		if (Object.keys(label).length === 0) {
			throw new RefusedInput(
				'There is nothing to change',
				"Add a name or a colour under 'Update Fields', and see that their expressions give a value.",
			);
		}
		const change = async (label_id: Choice) => {
			const changed = await item.call(patchLabel, { label_id }, { body: { label } });
			await noteLabel(item, changed);
			return changed;
		};
		return await onOwnLabel(item, change, label.name as string | undefined);
	},
};
