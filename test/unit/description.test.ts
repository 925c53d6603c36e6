import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { FeishuMailOAuth2Api } from '../../credentials/FeishuMailOAuth2Api.credentials';
import { FeishuMail } from '../../nodes/FeishuMail/FeishuMail.node';
import { findOperation, resources } from '../../nodes/FeishuMail/actions';
import { fieldsOf as declaredFieldsOf } from '../../nodes/FeishuMail/run/options';
import { accepts } from '../../nodes/FeishuMail/transport/endpoint';

const { description } = new FeishuMail();
const operations = resources.flatMap((resource) =>
	resource.operations.map((operation) => ({ resource, operation, title: operation.action })),
);

/** Fields that the node shows for one operation. */
const fieldsOf = (resource: string, operation: string, authentication = 'tenantToken') =>
	description.properties.filter(
		({ displayOptions }) =>
			displayOptions?.show?.resource?.includes(resource) &&
			displayOptions.show.operation?.includes(operation) &&
			(displayOptions.show.authentication ?? [authentication]).includes(authentication),
	);

const optionsOf = ({ options = [] }: INodeProperties) => options as INodePropertyOptions[];

describe('the node', () => {
	it('offers every resource and operation of the registry', () => {
		const resource = description.properties.find(({ name }) => name === 'resource')!;
		expect(optionsOf(resource).map(({ value }) => value)).toEqual([
			'attachment',
			'contact',
			'draft',
			'folder',
			'label',
			'mailbox',
			'message',
			'rule',
			'signature',
			'template',
			'thread',
		]);
		expect(operations.map(({ title }) => title)).toEqual([
			'Download attachments of a message',
			'Get many attachments',
			'Create a contact',
			'Create or update a contact',
			'Delete a contact',
			'Get many contacts',
			'Update a contact',
			'Create a draft',
			'Delete a draft',
			'Get a draft',
			'Get many drafts',
			'Send a draft',
			'Update a draft',
			'Create a folder',
			'Delete a folder',
			'Get a folder',
			'Get many folders',
			'Update a folder',
			'Create a label',
			'Create or update a label',
			'Delete a label',
			'Get a label',
			'Get many labels',
			'Update a label',
			'Check access to a mailbox',
			'Create an alias of a mailbox',
			'Delete an alias of a mailbox',
			'Get the own mailbox',
			'Get the aliases of a mailbox',
			'Get many mailboxes',
			'Get the senders of a mailbox',
			'Add a label to a message',
			'Cancel the scheduled sending of a message',
			'Forward a message',
			'Get a message',
			'Get the delivery status of a message',
			'Get many messages',
			'Get the recall status of a message',
			'Mark a message as read',
			'Mark a message as unread',
			'Move a message to a folder',
			'Move a message to the trash',
			'Recall a message',
			'Remove a label from a message',
			'Reply to a message',
			'Search messages',
			'Send a message',
			'Create a rule',
			'Delete a rule',
			'Get many rules',
			'Reorder the rules of a mailbox',
			'Update a rule',
			'Get many signatures',
			'Create a template',
			'Delete a template',
			'Get a template',
			'Get many templates',
			'Update a template',
			'Add a label to a thread',
			'Get a thread',
			'Get many threads',
			'Mark a thread as read',
			'Mark a thread as unread',
			'Move a thread to a folder',
			'Move a thread to the trash',
			'Remove a label from a thread',
		]);
	});

	it.each(operations)('$title: the dropdown leads to the operation', ({ resource, operation }) => {
		const dropdown = description.properties.find(
			({ name, displayOptions }) =>
				name === 'operation' && displayOptions?.show?.resource?.includes(resource.value),
		)!;
		expect(optionsOf(dropdown)).toContainEqual(
			expect.objectContaining({ value: operation.value, action: operation.action }),
		);
		expect(findOperation(resource.value, operation.value)).toBe(operation);
	});

	it.each(operations)('$title: has its fields, in its order', ({ resource, operation }) => {
		const shown = description.properties
			.filter(
				({ displayOptions: { show } = {} }) =>
					show?.resource?.includes(resource.value) && show.operation?.includes(operation.value),
			)
			.map(({ displayOptions, ...field }) => {
				const show = Object.entries(displayOptions!.show!).filter(
					([name]) => name !== 'resource' && name !== 'operation',
				);
				return { ...field, displayOptions: { ...displayOptions, show: Object.fromEntries(show) } };
			});
		expect(shown).toEqual(
			declaredFieldsOf(operation).map((field) => ({
				...field,
				displayOptions: { ...field.displayOptions, show: { ...field.displayOptions?.show } },
			})),
		);
	});

	it.each(operations.filter(({ title }) => title !== 'Get the own mailbox'))(
		'$title: a mailbox is asked for first, of an app it is required',
		({ resource, operation }) => {
			expect(fieldsOf(resource.value, operation.value)[0]).toMatchObject({
				displayName: 'Mailbox',
				name: 'userMailboxId',
				required: true,
				default: '',
			});
			expect(fieldsOf(resource.value, operation.value, 'oAuth2')[0]).toMatchObject({
				displayName: 'Mailbox',
				name: 'userMailboxId',
				default: 'me',
			});
			expect(fieldsOf(resource.value, operation.value, 'oAuth2')[0]!.required).toBeUndefined();
		},
	);

	it.each(operations)('$title: every option and field explains itself', ({ resource, operation }) => {
		for (const field of fieldsOf(resource.value, operation.value)) {
			for (const shown of field.type === 'collection' ? (field.options as INodeProperties[]) : [field]) {
				expect(shown.description).toMatch(/\w+ \w+/);
			}
		}
	});

	it.each(operations)('$title: declares its scopes', ({ operation }) => {
		for (const { scopes, path } of operation.endpoints) {
			expect(scopes.length).toBeGreaterThan(0);
			expect(path).toMatch(/^\/open-apis\/mail\/v1\//);
		}
	});

	it('contact create has the fields of the API', () => {
		const fields = fieldsOf('contact', 'create');
		expect(fields.map(({ name }) => name)).toEqual(['userMailboxId', 'name', 'additionalFields', 'options']);
		expect((fields[2]!.options as INodeProperties[]).map(({ name }) => name)).toEqual([
			'company',
			'mailAddress',
			'phone',
			'position',
			'remark',
			'tag',
		]);
	});

	describe('contact upsert shows the field matched by, under Match By', () => {
		const fields = fieldsOf('contact', 'upsert');
		const shownFor = (parameters: INodeParameters) =>
			description.properties
				.filter(({ name }) => ['mailAddress', 'phone'].includes(name))
				.filter((field) => NodeHelpers.displayParameter(parameters, field, null, description))
				.map(({ name }) => name);
		const chosen = { resource: 'contact', operation: 'upsert' };

		it('and above the others', () => {
			expect(fields.map(({ name }) => name)).toEqual([
				'userMailboxId',
				'matchBy',
				'mailAddress',
				'phone',
				'name',
				'additionalFields',
				'options',
			]);
		});

		it.each<[string, INodeParameters, string[]]>([
			['email', { matchBy: 'mailAddress' }, ['mailAddress']],
			['phone', { matchBy: 'phone' }, ['phone']],
			['name', { matchBy: 'name' }, []],
			['what an expression gives', { matchBy: '={{ $json.by }}' }, ['mailAddress', 'phone']],
			['an expression that the editor cannot work out', { matchBy: '' }, ['mailAddress', 'phone']],
			['what is left of another operation', { matchBy: '={{ $json.by }}', operation: 'create' }, []],
		])('by %s', (_, parameters, names) => {
			expect(shownFor({ ...chosen, ...parameters })).toEqual(names);
		});

		it('and n8n runs workflows that have it under Additional Fields', () => {
			const parameters = {
				...chosen,
				userMailboxId: 'anna@example.com',
				name: 'Anna',
				additionalFields: { mailAddress: 'anna@example.com' },
			};
			const node = { id: '1', name: '', type: '', typeVersion: 1, position: [0, 0], parameters } as INode;
			expect(NodeHelpers.getNodeParametersIssues(description.properties, node, description)).toBeNull();
		});
	});

	it('says in the empty field that a user need not enter the own mailbox', () => {
		const mailboxes = description.properties.filter(({ name }) => name === 'userMailboxId');
		const ofUsers = mailboxes.filter(({ displayOptions }) =>
			displayOptions?.show?.authentication?.includes('oAuth2'),
		);
		expect(ofUsers.length).toBeGreaterThan(0);
		for (const { placeholder } of ofUsers) expect(placeholder).toMatch(/^Own mailbox/);
	});

	it('tells which permissions the answer needs to show email and phone', () => {
		const text = JSON.stringify(fieldsOf('contact', 'create'));
		expect(text).toContain('mail:user_mailbox.mail_contact.mail_address:read');
		expect(text).toContain('mail:user_mailbox.mail_contact.phone:read');
		expect(text).toContain('data permission');
	});

	it('label create offers twelve colours, and first the choice to leave it to Feishu', () => {
		const [mailbox, name, color] = fieldsOf('label', 'create');
		expect([mailbox!.name, name!.name, color!.name]).toEqual(['userMailboxId', 'name', 'backgroundColor']);
		const [first, ...colors] = optionsOf(color!);
		expect(first).toEqual({ name: 'Chosen by Feishu', value: '' });
		expect(color!.default).toBe('');
		expect(colors.map(({ value }) => value).sort()).toEqual(
			[
				'blue',
				'indigo',
				'purple',
				'violet',
				'carmine',
				'red',
				'orange',
				'yellow',
				'lime',
				'green',
				'turquoise',
				'wathet',
			].sort(),
		);
		expect(colors.find(({ value }) => value === 'wathet')!.name).toContain('Light Blue');
		expect(name!.description).toContain('whole path');
	});

	it('offers an app and a user to act as, each with its credential', () => {
		const authentication = description.properties.find(({ name }) => name === 'authentication')!;
		expect(authentication.default).toBe('tenantToken');
		expect(optionsOf(authentication).map(({ value }) => value)).toEqual(['tenantToken', 'oAuth2']);
		expect(description.credentials).toEqual([
			{
				name: 'feishuMailApi',
				required: true,
				displayOptions: { show: { authentication: ['tenantToken'] } },
			},
			{
				name: 'feishuMailOAuth2Api',
				required: true,
				displayOptions: { show: { authentication: ['oAuth2'] } },
			},
		]);
	});

	it('asks a user by default for what the operations need, and to keep the access', () => {
		const { default: scopes } = new FeishuMailOAuth2Api().properties.find(
			({ name }) => name === 'userScopes',
		)!;
		const asked = String(scopes).split(' ');
		expect(asked).toContain('offline_access');
		for (const { operation } of operations) {
			for (const endpoint of operation.endpoints.filter((one) => accepts(one, 'user'))) {
				expect(endpoint.scopes.some((scope) => asked.includes(scope))).toBe(true);
			}
		}
	});

	it('can be used as a tool by an AI agent', () => {
		expect(description.usableAsTool).toBe(true);
	});

	it('an unknown operation is named', () => {
		expect(() => findOperation('contact', 'explode')).toThrow("'explode' on 'contact'");
	});
});
