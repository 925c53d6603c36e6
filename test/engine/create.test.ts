import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { labelColors } from '../../nodes/FeishuMail/actions/label/label';
import { appWithout, bodies, continues, named, run, sandbox } from './stage';

describe('Contact: Create', () => {
	it('sends every field and gives the contact that Feishu returns', async () => {
		const { outputs } = await run('contact', 'create', {
			name: '张三',
			additionalFields: {
				company: '张三科技有限公司',
				mailAddress: 'zhangsan@example.com',
				phone: '19912341234',
				position: 'CEO',
				remark: '飞书发布会认识 😀',
				tag: '朋友',
			},
		});
		const sent = {
			name: '张三',
			company: '张三科技有限公司',
			mail_address: 'zhangsan@example.com',
			phone: '19912341234',
			position: 'CEO',
			remark: '飞书发布会认识 😀',
			tag: '朋友',
		};
		expect(bodies('mail.contact.create')).toEqual([sent]);
		expect(outputs).toEqual([
			[
				{
					json: expect.objectContaining({ ...sent, id: expect.stringMatching(/^\d{19}$/) }),
					pairedItem: { item: 0 },
				},
			],
		]);
		expect(sandbox.mailbox.contacts).toHaveLength(1);
		expect(sandbox.mailbox.contacts[0]).toMatchObject(sent);
	});

	it('leaves out what is empty', async () => {
		await run('contact', 'create', {
			name: 'Anna',
			additionalFields: { company: '', phone: '={{ null }}', tag: '={{ undefined }}' },
		});
		expect(bodies('mail.contact.create')).toEqual([{ name: 'Anna' }]);
	});

	it('sends numbers, booleans and dates from expressions as text', async () => {
		await run('contact', 'create', {
			name: '={{ 42 }}',
			additionalFields: {
				phone: '={{ 19912341234 }}',
				tag: '={{ true }}',
				remark: "={{ DateTime.fromISO('2026-11-22T08:00:00Z', {zone: 'utc'}) }}",
			},
		});
		expect(bodies('mail.contact.create')).toEqual([
			{ name: '42', phone: '19912341234', tag: 'true', remark: '2026-11-22T08:00:00.000Z' },
		]);
	});

	it('gives the contact without email and phone where the app lacks the field permissions', async () => {
		const credential = await appWithout('mail_address', 'phone');
		const { outputs } = await run(
			'contact',
			'create',
			{ name: 'Anna', additionalFields: { mailAddress: 'anna@example.com', phone: '1', tag: 'x' } },
			{ credential },
		);
		expect(outputs[0]![0]!.json).toMatchObject({ name: 'Anna', tag: 'x' });
		expect(outputs[0]![0]!.json).not.toHaveProperty('mail_address');
		expect(outputs[0]![0]!.json).not.toHaveProperty('phone');
		expect(sandbox.mailbox.contacts[0]).toMatchObject({ mail_address: 'anna@example.com', phone: '1' });
	});

	it('takes each value at its limit, and Feishu accepts it', async () => {
		const { error } = await run('contact', 'create', {
			name: '😀'.repeat(64),
			additionalFields: {
				company: '张'.repeat(64),
				mailAddress: `${'a'.repeat(307)}@example.com`,
				phone: '1'.repeat(40),
				position: '😀'.repeat(64),
				remark: '备'.repeat(1000),
				tag: '签'.repeat(64),
			},
		});
		expect(error?.message).toBeUndefined();
		expect(sandbox.mailbox.contacts).toHaveLength(1);
	});

	it.each([
		['name', 64, "'Name'"],
		['company', 64, "'Company'"],
		['mailAddress', 319, "'Email'"],
		['phone', 40, "'Phone'"],
		['position', 64, "'Position'"],
		['remark', 1000, "'Remark'"],
		['tag', 64, "'Tag'"],
	])(
		'refuses a %s above %d characters before sending, by its name on screen',
		async (field, limit, shown) => {
			const long = '张'.repeat(limit + 1);
			const { error } = await run(
				'contact',
				'create',
				field === 'name' ? { name: long } : { name: 'Anna', additionalFields: { [field]: long } },
			);
			expect(error?.name).toBe('NodeOperationError');
			expect(error?.message).toContain(`${shown} has ${limit + 1} characters; Feishu takes at most ${limit}`);
			expect(sandbox.requests.filter(({ api }) => api === 'mail.contact.create')).toHaveLength(0);
		},
	);

	it('refuses an empty name before sending', async () => {
		const { error } = await run('contact', 'create', { name: '={{ $json.missing }}' });
		expect(error?.message).toContain("'Name' is empty");
		expect(sandbox.requests).toHaveLength(0);
	});

	it('refuses a list as a value before sending', async () => {
		const { error } = await run('contact', 'create', {
			name: 'Anna',
			additionalFields: { tag: "={{ ['a', 'b'] }}" },
		});
		expect(error?.message).toContain("'Tag' must be text, but its value is a list");
		expect(sandbox.requests).toHaveLength(0);
	});
});

describe('Label: Create', () => {
	it.each(labelColors.map(({ value }) => String(value)))('creates a label in %s', async (color) => {
		const { outputs } = await run('label', 'create', { name: `客户/${color}`, backgroundColor: color });
		expect(bodies('mail.label.create')).toEqual([
			{ label: { name: `客户/${color}`, background_color: color } },
		]);
		expect(outputs).toEqual([
			[
				{
					json: {
						id: expect.stringMatching(/^\d+$/),
						name: `客户/${color}`,
						background_color: color,
						messages_unread: 0,
					},
					pairedItem: { item: 0 },
				},
			],
		]);
	});

	it.each(['', '={{ undefined }}', '={{ null }}'])(
		'leaves the colour to Feishu for %j',
		async (backgroundColor) => {
			await run('label', 'create', { name: 'Plain', backgroundColor });
			expect(bodies('mail.label.create')).toEqual([{ label: { name: 'Plain' } }]);
		},
	);

	it('refuses a colour that Feishu does not have before sending, with the list', async () => {
		const { error } = await run('label', 'create', { name: 'Pink', backgroundColor: "={{ 'pink' }}" });
		expect(error?.name).toBe('NodeOperationError');
		for (const { value } of labelColors) expect(error?.message).toContain(String(value));
		expect(error?.description).toContain("'pink'");
		expect(sandbox.requests).toHaveLength(0);
	});

	it('takes a nested name of 255 characters and refuses one more', async () => {
		const nested = `${'父'.repeat(100)}/${'子'.repeat(154)}`;
		expect((await run('label', 'create', { name: nested })).error).toBeUndefined();
		expect(sandbox.mailbox.labels.map(({ name }) => name)).toEqual([nested]);
		expect((await run('label', 'create', { name: `${nested}x` })).error?.message).toContain(
			"'Name' has 256 characters",
		);
	});
});

describe('the mailbox', () => {
	it.each([
		'anna+tag@example.com',
		'a/b@example.com',
		'50%@example.com',
		'张三@例子.公司',
		'a b@example.com',
		"o'neil@example.com",
	])('%s is sent as one encoded part of the path', async (address) => {
		const mailbox = sandbox.tenant.addMailbox(address);
		const { error } = await run('label', 'create', { name: 'One', userMailboxId: address });
		expect(error?.message).toBeUndefined();
		expect(mailbox.labels).toHaveLength(1);
		const { path } = sandbox.requestsTo('mail.label.create')[0]!;
		expect(path.split('/')).toHaveLength(7);
		expect(decodeURIComponent(path.split('/')[5]!)).toBe(address);
	});

	it.each(['anna', 'me@', 'Anna Smith'])('%j is no address of a mailbox', async (userMailboxId) => {
		const { error } = await run('contact', 'create', { name: 'Anna', userMailboxId });
		if (userMailboxId.includes('@')) expect(error?.message).toContain("check 'Mailbox'");
		else expect(error?.message).toContain("'Mailbox' must be the address of a mailbox");
		expect(sandbox.requestsTo('mail.contact.create')).toHaveLength(userMailboxId.includes('@') ? 1 : 0);
	});

	it('and the name, both empty, are named together', async () => {
		const { error } = await run('contact', 'create', { name: '={{ "" }}', userMailboxId: '={{ null }}' });
		expect(error?.message).toBe("'Mailbox' and 'Name' are empty");
		expect(sandbox.requests).toEqual([]);
	});

	it('is cut free of blanks around it', async () => {
		const { error } = await run('label', 'create', {
			name: 'One',
			userMailboxId: `  ${sandbox.mailbox.address}\n`,
		});
		expect(error?.message).toBeUndefined();
	});

	it.each(['../@', './@', 'a@/../b', '../b@', 'a@\\..\\b'])(
		'%j is refused before any request',
		async (userMailboxId) => {
			const { error } = await run('contact', 'create', { name: 'Anna', userMailboxId });
			expect(error?.name).toBe('NodeOperationError');
			expect(error?.message).toContain("'Mailbox' cannot be part of an address");
			expect(sandbox.requests).toHaveLength(0);
		},
	);

	it.each(["={{ '' }}", '   ', '={{ $json.missing }}'])(
		'%j is refused as empty before any request',
		async (userMailboxId) => {
			const { error } = await run('contact', 'create', { name: 'Anna', userMailboxId });
			expect(error?.message).toContain("'Mailbox' is empty");
			expect(sandbox.requests).toHaveLength(0);
		},
	);

	it.each(['me', 'ME', 'Me', ' me '])(
		'%j is refused with the app credential, before the token exchange',
		async (userMailboxId) => {
			const { error } = await run('contact', 'create', { name: 'Anna', userMailboxId });
			expect(error?.name).toBe('NodeOperationError');
			expect(error?.message).toContain("'Mailbox' cannot be 'me': an app has no mailbox of its own");
			expect(sandbox.requests).toHaveLength(0);
		},
	);
});

describe('items', () => {
	const items: IDataObject[] = [
		{ name: 'One' },
		{ name: '' },
		{ name: 'Three' },
		{ name: 'x'.repeat(65) },
		{ name: 'Five' },
	];

	it('come out in order, each paired with the one it came from', async () => {
		const names = named(30, 'Person');
		const { outputs } = await run('contact', 'create', { name: '={{ $json.name }}' }, { items: names });
		expect(outputs[0]!.map(({ json }) => json.name)).toEqual(names.map(({ name }) => name));
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(names.map((_, item) => ({ item })));
	});

	it('stop at the first failure, which names its item', async () => {
		sandbox.fail({ api: 'mail.contact.create', on: 2, with: { code: 1230001 } });
		const names = ['One', 'Two', 'Three'].map((name) => ({ name }));
		const { error, status, outputs } = await run(
			'contact',
			'create',
			{ name: '={{ $json.name }}' },
			{ items: names },
		);
		expect(status).toBe('error');
		expect(outputs).toEqual([]);
		expect(error?.context.itemIndex).toBe(1);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['One']);
	});

	it('say how many of them were done when one fails', async () => {
		sandbox.fail({ api: 'mail.contact.create', on: 3, with: { code: 1230001 } });
		const names = ['One', 'Two', 'Three', 'Four'].map((name) => ({ name }));
		const { error } = await run('contact', 'create', { name: '={{ $json.name }}' }, { items: names });
		expect(error?.description).toMatch(/\n2 of 4 items were done\.$/);
	});

	it('go on with Continue On Fail, one output item for each', async () => {
		const { outputs, status } = await run(
			'contact',
			'create',
			{ name: '={{ $json.name }}' },
			{ items, ...continues },
		);
		expect(status).toBe('success');
		expect(outputs[0]).toHaveLength(5);
		expect(outputs[0]!.map(({ pairedItem }) => pairedItem)).toEqual(
			[0, 1, 2, 3, 4].map((item) => ({ item })),
		);
		expect(outputs[0]!.map(({ json }) => json.name ?? json.error)).toEqual([
			'One',
			expect.stringContaining("'Name' is empty"),
			'Three',
			expect.stringContaining("'Name' has 65 characters"),
			'Five',
		]);
		expect(sandbox.mailbox.contacts.map(({ name }) => name)).toEqual(['One', 'Three', 'Five']);
	});

	it('that fail go to the error branch with code, log id and status', async () => {
		sandbox.fail({
			api: 'mail.contact.create',
			on: 2,
			with: { status: 400, code: 1230001, msg: 'parameter error' },
		});
		const { outputs } = await run(
			'contact',
			'create',
			{ name: '={{ $json.name }}' },
			{ items: [{ name: 'One' }, { name: 'Two' }, { name: 'Three' }], onError: 'continueErrorOutput' },
		);
		const [success, failed] = outputs;
		expect(success!.map(({ json }) => json.name)).toEqual(['One', 'Three']);
		expect(failed).toHaveLength(1);
		expect(failed![0]!.pairedItem).toEqual({ item: 1 });
		expect(failed![0]!.json).toEqual({
			// n8n adds the fields of the input item.
			name: 'Two',
			error: expect.stringContaining('does not accept a value of the contact'),
			details: {
				code: 1230001,
				logId: expect.stringMatching(/\w+/),
				troubleshooter: expect.stringMatching(/^https:\S+$/),
				httpCode: 400,
				description: expect.stringContaining("Feishu's answer: parameter error"),
			},
		});
	});

	it('that were refused before sending say what to do', async () => {
		const { outputs } = await run('contact', 'create', { name: '={{ $json.missing }}' }, continues);
		expect(outputs[0]).toEqual([
			{
				json: {
					error: "'Name' is empty",
					details: { description: "Feishu requires it: enter a value for 'Name'." },
				},
				pairedItem: { item: 0 },
			},
		]);
	});

	it('without any, nothing is sent', async () => {
		const { outputs } = await run('contact', 'create', { name: 'Anna' }, { items: [] });
		expect(outputs.flat()).toEqual([]);
		expect(sandbox.requests).toHaveLength(0);
	});
});

describe("n8n's Retry On Fail", () => {
	const warns = async (...parts: Parameters<typeof run>) => {
		const { status, hints } = await run(...parts);
		expect(status).toBe('success');
		return hints.some(({ message }) => message.includes("'Retry On Fail' is on"));
	};

	it('is warned of where it would create a contact once more', async () => {
		expect(await warns('contact', 'create', { name: 'Anna' }, { settings: { retryOnFail: true } })).toBe(
			true,
		);
		expect(await warns('contact', 'create', { name: 'Anna' })).toBe(false);
	});

	it.each<[string, string, string, INodeParameters]>([
		['a label is created', 'label', 'create', { name: 'VIP' }],
		['a contact is created or updated', 'contact', 'upsert', { name: 'A', matchBy: 'name' }],
		['contacts are listed', 'contact', 'getAll', {}],
	])('does nothing twice where %s, so there is no warning', async (_, resource, operation, parameters) => {
		expect(await warns(resource, operation, parameters, { settings: { retryOnFail: true } })).toBe(false);
	});
});
