import type { IDataObject } from 'n8n-workflow';

import { mailboxKey } from '../../fields/mailbox';
import type { Findable } from '../../transport/endpoint';
import type { Item } from '../../run/item';
import type { Operation } from '../../run/operation';
import { findOrCreateLabel } from './findOrCreate';
import {
	LABEL_EXISTS,
	labelBody,
	labelColorField,
	labelHints,
	labelNameField,
	listedLabels,
	listLabels,
	onNamedLabel,
	type Label,
} from './label';

/** Docs: https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/mail-v1/user_mailbox-label/create */
export const createLabel: Findable<Label> = {
	method: 'POST',
	path: listLabels.path,
	scopes: ['mail:user_mailbox.message:modify'],
	quota: '5 label creations a second',
	write: 'findable',
	doneCodes: [LABEL_EXISTS],
	verify: 'whether the label is in the mailbox',
	returns: 'label',
	hints: labelHints,
};

/** Creates a label. What is there after a lost answer is this one, unless it has another colour. */
export async function newLabel(item: Item, label: IDataObject): Promise<Label> {
	const created = item.run.once(`labels created in ${mailboxKey(item)}`, () => new Set<string>());
	const { name, background_color: color } = label;
	const find = async () =>
		(await listedLabels(item)).find(
			(other) =>
				String(other.name).trim() === String(name).trim() &&
				(!color || other.background_color === color) &&
				!created.has(other.id),
		);
	const made = await item.create(createLabel, {}, { body: { label } }, find);
	created.add(made.id);
	return made;
}

export const create: Operation = {
	value: 'create',
	name: 'Create',
	action: 'Create a label',
	description: 'Add a label that mails can be marked with',
	endpoints: [createLabel, listLabels],
	// One more than a window takes: the refused one tells when the next window opens.
	inFlight: 6,
	fields: [labelNameField, labelColorField],
	options: [
		{
			displayName: 'If Label Exists',
			name: 'ifLabelExists',
			type: 'options',
			options: [
				{
					name: 'Fail',
					value: 'fail',
					description: 'The item fails, as Feishu refuses a second label of the name',
				},
				{
					name: 'Return the Existing One',
					value: 'returnExisting',
					description: 'The label comes out as it is; the node lists the labels once per run',
				},
			],
			default: 'fail',
			description: 'What to do when the mailbox has a label of this name',
		},
	],
	async execute(item) {
		const label = item.body(labelBody);
		const createIt = async () => await newLabel(item, label);
		const name = String(label.name);
		const returnsExisting = item.read('ifLabelExists').value === 'returnExisting';
		return await onNamedLabel(item, name, async () =>
			returnsExisting ? (await findOrCreateLabel(item, name, createIt)).label : await createIt(),
		);
	},
};
