import fc from 'fast-check';
import type { IDataObject, INodeParameters } from 'n8n-workflow';

import type { ApiName, Fault, Mailbox } from '../sandbox';
import type { RunOptions } from './engine';
import { continues, engine, locate, run, sandbox, time } from './stage';
import { until } from './until';

const SCHEDULES = 500;

let mailbox: Mailbox;

beforeEach(() => {
	mailbox = sandbox.mailbox;
});

const attempt = async (
	resource: string,
	operation: string,
	parameters: INodeParameters,
	options: Partial<RunOptions> = {},
) =>
	await run(
		resource,
		operation,
		{ userMailboxId: mailbox.address, ...parameters },
		{ ...continues, ...options },
	);

const RESET: Fault = { kind: 'reset', when: 'before' };

const RESET_AFTER: Fault = { kind: 'reset', when: 'after' };

const addLabel = (name: string, background_color: string) =>
	mailbox.labels.push({ id: `id of ${name}`, name, background_color, messages_unread: 0 });

const addFolder = (name: string, parent_folder_id: string) =>
	mailbox.folders.push({
		id: `id of ${name}`,
		name,
		parent_folder_id,
		folder_type: 2,
		unread_message_count: 0,
		unread_thread_count: 0,
	});

const addRule = (name: string, state: string) =>
	mailbox.rules.push({
		...{ id: `id of ${name}`, name, is_enable: state === 'true', ignore_the_rest_of_rules: false },
		...{ condition: { match_type: 1, items: [{ type: 12 }] }, action: { items: [{ type: 9 }] } },
	});

const addTemplate = (name: string, subject: string) =>
	mailbox.templates.push({
		template_id: `id of ${name}`,
		name,
		subject,
		template_content: '',
		is_plain_text_mode: false,
		tos: [],
		ccs: [],
		bccs: [],
		attachments: [],
		create_time: 0,
	});

describe('whatever is lost on the way', () => {
	/** What a write works on, the same for all resources: a person and the company, a label and its colour, ... */
	interface Thing {
		id: string;
		name: string;
		value: string;
	}

	/** Mails are moved and labelled. */
	type Kind = 'contact' | 'label' | 'folder' | 'rule' | 'template' | 'moved' | 'labelled';

	const isMail = (kind: Kind): kind is 'moved' | 'labelled' => kind === 'moved' || kind === 'labelled';

	const resourceOf = (kind: Kind) => (isMail(kind) ? 'message' : kind);

	/** The APIs that write. */
	const apisOf = (kind: Kind): ApiName[] =>
		isMail(kind)
			? ['mail.message.batchModify', 'mail.message.batchTrash']
			: [
					`mail.${kind}.create`,
					kind === 'rule' || kind === 'template' ? `mail.${kind}.update` : `mail.${kind}.patch`,
					`mail.${kind}.delete`,
				];

	/** How a row ends: refused, or done with an outcome if the operation gives one. */
	interface End {
		refused?: true;
		/** Refused, but where an answer was lost it may be taken for the work of the lost try: what was asked for is so. */
		doneIfLost?: boolean;
		outcome?: string;
	}

	/** A write of the node: how a row asks for it, and what it does to the things of the mailbox. */
	interface Write {
		kind: Kind;
		operation: string;
		parameters: INodeParameters;
		apply(things: Thing[], row: Row & { before: Thing[] }): End;
		/** Two of the same name are allowed, and nothing else tells them apart. */
		mayBeUnknown?: true;
	}

	const places = ['0', 'id of Place'];

	const values: Record<Kind, string[]> = {
		contact: ['Acme', '新公司'],
		label: ['red', 'lime'],
		folder: places,
		rule: ['true', 'false'],
		template: ['Hello', '您好'],
		moved: ['INBOX', 'id of Place'],
		labelled: ['FLAGGED', 'id of Label'],
	};

	const row = fc.record({
		name: fc.constantFrom('Anna', 'Ben', '陈', 'Dora'),
		value: fc.constantFrom(0, 1),
	});

	type Row = { id: string; name: string; value: string };

	const find = (things: Thing[], { name }: Row) => things.find((thing) => thing.name === name);

	const createNew = (things: Thing[], made: Row): End => {
		things.push(made);
		return {};
	};

	const createUnlessThere: Write['apply'] = (things, made) => {
		const there = find(things, made);
		if (!there) return createNew(things, made);
		// Where nobody has told the run what was there, a label that looks the same is as good as the one asked for.
		return { refused: true, doneIfLost: made.before.includes(there) && there.value === made.value };
	};

	const upsert: Write['apply'] = (things, made) => {
		const there = find(things, made);
		if (!there) return { ...createNew(things, made), outcome: 'created' };
		const isSame = there.value === made.value;
		there.value = made.value;
		return { outcome: isSame ? 'unchanged' : 'updated' };
	};

	const update: Write['apply'] = (things, made) => {
		const there = find(things, made);
		if (!there) return { refused: true };
		there.value = made.value;
		return {};
	};

	const remove: Write['apply'] = (things, made) => {
		const there = find(things, made);
		if (!there) return { refused: true, doneIfLost: true };
		things.splice(things.indexOf(there), 1);
		return {};
	};

	const label: Write['apply'] = (things, made) => {
		const there = find(things, made);
		if (!there) return { refused: true };
		there.value = [...new Set([...there.value.split(','), made.value])].filter(Boolean).sort().join();
		return {};
	};

	const unlabel: Write['apply'] = (things, made) => {
		const there = find(things, made);
		if (!there) return { refused: true };
		const left = there.value.split(',').filter((one) => one !== made.value);
		there.value = left.join();
		return {};
	};

	const name = '={{ $json.name }}';
	const value = '={{ $json.value }}';
	const byEither = '={{ $json.chosen }}';
	const mailAddress = '={{ $json.email }}';
	const person = { name, additionalFields: { mailAddress, company: value } };
	const colour = { name, backgroundColor: value };

	const writes: Write[] = [
		{ kind: 'contact', operation: 'create', parameters: person, apply: createNew, mayBeUnknown: true },
		{
			kind: 'contact',
			operation: 'upsert',
			parameters: {
				name,
				mailAddress,
				additionalFields: { company: value },
				matchBy: '={{ $json.matchBy }}',
			},
			apply: upsert,
		},
		{
			kind: 'contact',
			operation: 'update',
			parameters: { contactId: byEither, updateFields: { company: value } },
			apply: update,
		},
		{ kind: 'contact', operation: 'delete', parameters: { contactId: byEither }, apply: remove },
		{ kind: 'label', operation: 'create', parameters: colour, apply: createUnlessThere },
		{
			kind: 'label',
			operation: 'create',
			parameters: { ...colour, options: { ifLabelExists: 'returnExisting' } },
			apply: (things, made) => (find(things, made) ? {} : createNew(things, made)),
		},
		{ kind: 'label', operation: 'upsert', parameters: colour, apply: upsert },
		{
			kind: 'label',
			operation: 'update',
			parameters: { labelId: byEither, updateFields: { backgroundColor: value } },
			apply: update,
		},
		{ kind: 'label', operation: 'delete', parameters: { labelId: byEither }, apply: remove },
		{
			kind: 'folder',
			operation: 'create',
			parameters: { name, parentFolderId: '={{ $json.parent }}' },
			apply: createNew,
		},
		{
			kind: 'folder',
			operation: 'update',
			parameters: { folderId: byEither, updateFields: { parentFolderId: '={{ $json.parent }}' } },
			apply: update,
		},
		{ kind: 'folder', operation: 'delete', parameters: { folderId: byEither }, apply: remove },
		{
			kind: 'rule',
			operation: 'create',
			parameters: {
				name,
				isEnable: value,
				condition: { items: [{ type: 'everyMail' }] },
				action: { items: [{ type: 'flag' }] },
			},
			apply: createNew,
		},
		{
			kind: 'rule',
			operation: 'update',
			parameters: { ruleId: byEither, updateFields: { isEnable: value } },
			apply: update,
		},
		{ kind: 'rule', operation: 'delete', parameters: { ruleId: byEither }, apply: remove },
		{
			kind: 'template',
			operation: 'create',
			parameters: { name, subject: value },
			apply: createNew,
		},
		{
			kind: 'template',
			operation: 'update',
			parameters: { templateId: byEither, updateFields: { subject: value } },
			apply: update,
		},
		{ kind: 'template', operation: 'delete', parameters: { templateId: byEither }, apply: remove },
		{
			kind: 'moved',
			operation: 'move',
			parameters: { messageId: '={{ $json.id }}', folderId: '={{ $json.parent }}' },
			apply: update,
		},
		{
			kind: 'moved',
			operation: 'trash',
			parameters: { messageId: '={{ $json.id }}' },
			apply: (things, made) => update(things, { ...made, value: 'TRASH' }),
		},
		{
			kind: 'labelled',
			operation: 'addLabels',
			parameters: { messageId: '={{ $json.id }}', labelIds: '={{ [$json.value] }}' },
			apply: label,
		},
		{
			kind: 'labelled',
			operation: 'removeLabels',
			parameters: { messageId: '={{ $json.id }}', labelIds: '={{ [$json.value] }}' },
			apply: unlabel,
		},
	];

	/** What loses an answer, before or after the work. */
	const loss: fc.Arbitrary<Fault> = fc.oneof(
		fc.constantFrom(RESET, RESET_AFTER),
		fc.record({ code: fc.constant(1230003), status: fc.constant(500), after: fc.boolean() }),
		fc.record({
			kind: fc.constant('html' as const),
			status: fc.constantFrom(200, 502, 504),
			after: fc.boolean(),
		}),
		fc.record({
			kind: fc.constant('truncated' as const),
			how: fc.constantFrom('json' as const, 'length' as const),
		}),
		fc.record({ kind: fc.constant('drop-code' as const), after: fc.boolean() }),
	);

	const schedule = fc.record({
		write: fc.constantFrom(...writes),
		rows: fc.array(row, { minLength: 1, maxLength: 8 }),
		there: fc.uniqueArray(row, { selector: ({ name: its }) => its, maxLength: 4 }),
		by: fc.constantFrom('id', 'name'),
		losses: fc.array(fc.option(loss, { freq: 3 }), { minLength: 4, maxLength: 20 }),
		listLosses: fc.dictionary(fc.constantFrom('1', '2', '3', '4', '5'), loss, { maxKeys: 2 }),
		/** Which of the losses are no answers at all, which take real time. */
		hangs: fc.oneof(
			{ weight: 29, arbitrary: fc.constant<number[]>([]) },
			{
				weight: 1,
				arbitrary: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 2 }),
			},
		),
		quota: fc.option(
			fc.record({
				limit: fc.integer({ min: 1, max: 4 }),
				window: fc.constantFrom(1, 60),
				style: fc.constantFrom(429 as const, 400 as const),
			}),
			{ nil: null },
		),
	});

	type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

	const thingsOf = (kind: Kind): Thing[] =>
		({
			contact: mailbox.contacts.map(({ id, name: its, company = '' }) => ({ id, name: its, value: company })),
			label: mailbox.labels.map(({ id, name: its, background_color }) => ({
				id,
				name: its,
				value: background_color,
			})),
			folder: mailbox.folders.map(({ id, name: its, parent_folder_id }) => ({
				id,
				name: its,
				value: parent_folder_id,
			})),
			rule: mailbox.rules.map(({ id, name: its, is_enable }) => ({
				id,
				name: its,
				value: String(is_enable),
			})),
			template: mailbox.templates.map(({ template_id, name: its, subject }) => ({
				id: template_id,
				name: its,
				value: subject,
			})),
			moved: mailbox.messages.map(({ message_id, subject, folder_id }) => ({
				id: message_id,
				name: subject,
				value: folder_id,
			})),
			labelled: mailbox.messages.map(({ message_id, subject, label_ids }) => ({
				id: message_id,
				name: subject,
				value: [...label_ids].sort().join(),
			})),
		})[kind];

	const add: Record<Kind, (name: string, value: string) => unknown> = {
		contact: (its, company) =>
			mailbox.contacts.push({
				id: `id of ${its}`,
				name: its,
				company,
				mail_address: `${its}@example.com`,
				phone: '1',
			}),
		label: addLabel,
		folder: addFolder,
		rule: addRule,
		template: addTemplate,
		moved: (subject, folder_id) => mailbox.receive({ message_id: `id of ${subject}`, subject, folder_id }),
		labelled: (subject, its) =>
			mailbox.receive({ message_id: `id of ${subject}`, subject, label_ids: [its] }),
	};

	const pathOf = (place: string) => ({ '0': '/', INBOX: 'inbox' })[place] ?? 'Place';

	const looks = (things: Thing[]) => things.map((thing) => `${thing.name}: ${thing.value}`).sort();

	/** Loses answers of writes as a schedule says: of the tries for one row no more than two. Gives how many it has lost. */
	const lose = (kind: Kind, { losses, listLosses, hangs, quota }: Schedule) => {
		const faults = losses.map((fault, index) =>
			fault && hangs.includes(index)
				? { kind: 'hang' as const, after: 'after' in fault && fault.after === true }
				: fault,
		);
		const tries = new Map<
			string,
			Array<{ request: (typeof sandbox.requests)[number]; fault: Fault | null }>
		>();
		let fired = 0;
		let next = 0;
		/** The fault for the request that has just come. */
		const faultFor = (api: ApiName): Fault | null => {
			const seen = new Set([...tries.values()].flat().map(({ request }) => request));
			const request = sandbox.requestsTo(api).find((one) => !seen.has(one))!;
			// Rows that work on the same thing go one after the other, so the tries for one are in a row.
			const { label: its, message_ids } = (request.body ?? {}) as {
				label?: IDataObject;
				message_ids?: string[];
			};
			const key = `${request.path} ${String(its?.name ?? message_ids)}`;
			const before = tries.get(key) ?? [];
			const answered = before.filter((one) => one.fault ?? one.request.code !== 99991400);
			const lostInARow = answered.reverse().findIndex(({ fault }) => !fault);
			const isEnough = (lostInARow === -1 ? answered.length : lostInARow) >= 2;
			const fault = isEnough ? null : (faults[next++] ?? null);
			tries.set(key, [...before, { request, fault }]);
			if (fault) fired++;
			return fault;
		};
		for (const api of apisOf(kind)) {
			sandbox.setQuota(api, quota);
			let current: Fault | null = null;
			sandbox.fail({
				api,
				on: () => {
					current = faultFor(api);
					return false;
				},
				with: RESET,
			});
			for (const fault of faults) if (fault) sandbox.fail({ api, on: () => current === fault, with: fault });
		}
		for (const [on, fault] of Object.entries(listLosses)) {
			const api = `mail.${kind === 'moved' ? 'folder' : kind === 'labelled' ? 'label' : kind}.list` as const;
			sandbox.fail({ api, on: Number(on), with: fault });
		}
		return () => fired;
	};

	const REFUSAL =
		/exists already|does not find|does not accept|may have been deleted|the mailbox has no (contact|label|folder|rule|template)|no such (mail|template)/;

	const CUT_REFUSAL =
		/\(HTTP 400, not in its JSON form\)$|^The server does not know this address .*\(HTTP 404\)/;

	const UNKNOWN = /^It is unknown whether Feishu carried out the request: check /;

	it(`each row is done once, or has failed and is not done (${SCHEDULES} schedules)`, async () => {
		const credential = await engine.addCredential();
		const check = async (planned: Schedule) => {
			const { write, there, by, hangs } = planned;
			const { kind, operation, parameters } = write;
			mailbox = sandbox.tenant.addMailbox(`outcome-${sandbox.tenant.mailboxes.length}@example.com`);
			sandbox.clearFaults();
			sandbox.requests.length = 0;
			if (kind === 'folder' || kind === 'moved') addFolder('Place', '0');
			if (kind === 'labelled') addLabel('Label', 'red');
			for (const one of there) add[kind](one.name, values[kind][one.value]!);
			const before = thingsOf(kind);
			// Where each folder is when its row comes: a row before may have moved it.
			const places = new Map(before.map(({ name, value }) => [name, value]));
			const rows = planned.rows.map((one) => {
				const its = values[kind][one.value]!;
				const id = `id of ${one.name}`;
				const place = places.get(one.name);
				const path = kind === 'folder' && place !== '0' ? `Place/${one.name}` : one.name;
				if (place !== undefined && operation === 'update') places.set(one.name, its);
				return {
					id,
					name: one.name,
					value: its,
					email: `${one.name}@example.com`,
					matchBy: by === 'id' ? 'mailAddress' : 'name',
					chosen: locate(by, by === 'id' ? id : path),
					parent: locate(by, by === 'id' ? its : pathOf(its)),
				};
			});
			const lost = lose(kind, planned);
			const options = { ...(parameters.options as object), timeout: hangs.length > 0 ? 1 : 60 };
			const { status, jsons } = await attempt(
				resourceOf(kind),
				operation,
				{ ...parameters, options },
				{ items: rows, credential },
			);

			expect([status, jsons.length]).toEqual(['success', rows.length]);
			const expected = before.map((thing) => ({ ...thing }));
			const old = [...expected];
			const maybe: Thing[] = [];
			const notDone = new Set<string>();
			const ids = new Set(before.map(({ id }) => id));
			for (const [index, { id, name: its, value: wanted }] of rows.entries()) {
				const { error, template_id, ...others } = jsons[index]!;
				const json: IDataObject = template_id ? { ...others, id: template_id } : others;
				const made = { id, name: its, value: wanted };
				if (write.mayBeUnknown && UNKNOWN.test(String(error))) {
					expect(lost()).toBeGreaterThan(0);
					maybe.push(made);
					continue;
				}
				// Half a refusal with HTTP 400 says that nothing was done, but not that the quota or another mail is why.
				if ((planned.quota?.style === 400 || isMail(kind)) && CUT_REFUSAL.test(String(error))) {
					notDone.add(its);
					continue;
				}
				// A folder that a row before did not move is not where a later row looks for it.
				if (kind === 'folder' && notDone.has(its) && REFUSAL.test(String(error))) continue;
				const size = expected.length;
				const end = write.apply(expected, { ...made, before: old });
				if (end.refused) {
					if (error === undefined) expect([lost() > 0, end.doneIfLost]).toEqual([true, true]);
					else expect(CUT_REFUSAL.test(String(error)) || REFUSAL.test(String(error))).toBe(true);
					continue;
				}
				expect(error).toBeUndefined();
				expect(json.outcome).toBe(end.outcome);
				if (expected.length > size) {
					// What was created is neither an older one nor that of another row.
					expect(ids).not.toContain(json.id);
					ids.add(String(json.id));
				}
				if (operation !== 'delete') expect(json.name ?? its).toBe(its);
			}
			const now = thingsOf(kind);
			const unexpected = looks(now);
			for (const look of looks(expected)) {
				expect(unexpected).toContain(look);
				unexpected.splice(unexpected.indexOf(look), 1);
			}
			// What nobody knows of is there once or not at all.
			for (const look of looks(maybe)) {
				if (unexpected.includes(look)) unexpected.splice(unexpected.indexOf(look), 1);
			}
			expect(unexpected).toEqual([]);
			for (const { id, template_id } of jsons) {
				const made = id ?? template_id;
				if (operation !== 'delete' && made) expect(now.map((one) => one.id)).toContain(made);
			}
		};
		await fc.assert(fc.asyncProperty(schedule, check), { numRuns: SCHEDULES });
	}, 240_000);
});

describe('a new label whose name is in use', () => {
	const create = async (parameters: INodeParameters = {}, items: IDataObject[] = [{}]) =>
		await attempt('label', 'create', { name: 'VIP', backgroundColor: 'red', ...parameters }, { items });

	const exists = { error: "A label with this name exists already: enter another 'Name'" };

	const sent = () => sandbox.requestsTo('mail.label.create').map(({ code }) => code);

	it("is refused at once: somebody else's label is not taken for ours, however alike, and nothing is looked up", async () => {
		addLabel('VIP', 'red');
		const { jsons } = await create();
		expect(jsons).toEqual([expect.objectContaining(exists)]);
		expect(sandbox.requestsTo('mail.label.list')).toEqual([]);
		expect(sent()).toEqual([1230101]);
	});

	it('is a success where a lost try has created it, even if that shows only when it is sent again', async () => {
		sandbox.fail({ api: 'mail.label.create', with: RESET_AFTER });
		sandbox.fail({ api: 'mail.label.list', with: { code: 0, data: { items: [] } } });
		const { jsons } = await create();
		expect(jsons).toEqual(mailbox.labels);
		expect(mailbox.labels).toHaveLength(1);
		expect(sent()).toEqual([undefined, 1230101]);
	});

	it.each([RESET, RESET_AFTER])(
		'by one of another colour is not ours after a lost try (%j)',
		async (fault) => {
			addLabel('VIP', 'lime');
			sandbox.fail({ api: 'mail.label.create', with: fault });
			const { jsons } = await create();
			expect(jsons).toEqual([expect.objectContaining(exists)]);
			expect(mailbox.labels).toMatchObject([{ id: 'id of VIP', background_color: 'lime' }]);
			expect(sent()).toEqual([undefined, 1230101]);
		},
	);

	it.each([RESET, RESET_AFTER])('by one of the row before is not that of this row (%j)', async (fault) => {
		sandbox.fail({ api: 'mail.label.create', on: 2, with: fault });
		const { jsons } = await create({}, [{}, {}]);
		expect(jsons).toEqual([mailbox.labels[0], expect.objectContaining(exists)]);
		expect(mailbox.labels).toHaveLength(1);
	});

	it('is a success where a lost try has created it and Feishu has cut off the blanks around its name', async () => {
		sandbox.fail({
			api: 'mail.label.create',
			on: (n) => {
				if (n === 1) addLabel('VIP', 'red');
				return n === 1;
			},
			with: RESET,
		});
		const { jsons } = await create({ name: ' VIP ' });
		expect(jsons).toEqual(mailbox.labels);
		expect(mailbox.labels).toHaveLength(1);
	});

	it('by one that somebody else has created meanwhile is that one, where the existing one is wanted', async () => {
		const lost = sandbox.fail({ api: 'mail.label.create', with: RESET });
		sandbox.fail({
			api: 'mail.label.list',
			on: () => {
				if (lost.fired > 0 && mailbox.labels.length === 0) addLabel('VIP', 'lime');
				return false;
			},
			with: RESET,
		});
		const { jsons } = await create({ options: { ifLabelExists: 'returnExisting' } });
		expect(jsons).toMatchObject([{ id: 'id of VIP', background_color: 'lime' }]);
	});
});

describe('a new folder whose answer is lost', () => {
	it.each([RESET, RESET_AFTER])(
		'is one of its own, not an older one of the same name (%j)',
		async (fault) => {
			addFolder('Invoices', '0');
			sandbox.fail({ api: 'mail.folder.create', with: fault });
			const { jsons } = await attempt('folder', 'create', { name: 'Invoices' });
			expect(jsons).toEqual([mailbox.folders[1]]);
			expect(mailbox.folders).toHaveLength(2);
		},
	);

	it('is unknown where somebody else has created one of the same name meanwhile', async () => {
		sandbox.fail({
			api: 'mail.folder.create',
			on: (n) => {
				if (n === 1) addFolder('Invoices', '0');
				return n === 1;
			},
			with: RESET_AFTER,
		});
		const { jsons } = await attempt('folder', 'create', { name: 'Invoices' });
		expect(jsons[0]!.error).toContain('It is unknown whether Feishu carried out the request');
		expect(mailbox.folders).toHaveLength(2);
	});

	it.each([
		['of an older one of the same name', true],
		['of nothing that is known', false],
	])('is unknown because %s: the folders could not be listed before', async (_, isThere) => {
		if (isThere) addFolder('Invoices', '0');
		sandbox.fail({ api: 'mail.folder.list', on: [1, 2, 3], with: RESET });
		sandbox.fail({ api: 'mail.folder.create', with: isThere ? RESET : RESET_AFTER });
		const { jsons } = await attempt('folder', 'create', { name: 'Invoices' });
		expect(jsons[0]!.error).toBe(
			'It is unknown whether Feishu carried out the request: check whether the folder is in the mailbox before running it again',
		);
		expect(mailbox.folders).toHaveLength(1);
	});
});

describe('a write that may be repeated', () => {
	const recolour = async (options: INodeParameters = {}) =>
		await attempt('label', 'update', {
			labelId: 'id of VIP',
			updateFields: { backgroundColor: 'red' },
			options,
		});

	beforeEach(() => addLabel('VIP', 'blue'));

	it('says that the quota is why it could not be sent again, not that it was never carried out', async () => {
		sandbox.fail({ api: 'mail.label.patch', on: 1, with: RESET_AFTER });
		sandbox.fail({ api: 'mail.label.patch', on: 2, with: { code: 99991400 } });
		const { jsons } = await recolour({ maxWait: 0 });
		expect(jsons[0]!.error).toBe(
			"Feishu's quota of 5 label updates a second is used up for longer than 'Max Wait (Seconds)' allows to wait, and Feishu may or may not have carried out the request: run it again later, which does nothing twice",
		);
		expect(JSON.stringify(jsons)).not.toContain('was not carried out');
		expect(mailbox.labels[0]!.background_color).toBe('red');
	});

	it('is sent again after an answer that is not Feishu’s, which does not tell what became of the lost try', async () => {
		sandbox.fail({ api: 'mail.label.patch', on: 1, with: RESET_AFTER });
		sandbox.fail({ api: 'mail.label.patch', on: 2, with: { kind: 'html', status: 403 } });
		expect((await recolour()).jsons).toEqual(mailbox.labels);
		sandbox.clearFaults();
		sandbox.fail({ api: 'mail.label.patch', on: 1, with: RESET_AFTER });
		sandbox.fail({ api: 'mail.label.patch', on: [2, 3], with: { kind: 'html', status: 403 } });
		const { jsons } = await recolour();
		expect(jsons[0]!.error).toMatch(/HTTP 403.*, and Feishu may or may not have carried out the request/);
	});

	it('says what Feishu says when it refuses it after a lost try', async () => {
		sandbox.fail({ api: 'mail.label.patch', with: RESET });
		mailbox.labels.length = 0;
		const { jsons } = await recolour();
		expect(jsons[0]!.error).toBe('The mailbox has no such label: it may have been deleted or renamed');
	});

	it('is not deleted only because it is gone: without a lost try that is a refusal', async () => {
		const parameters = { labelId: 'id of Nobody' };
		const { jsons } = await attempt('label', 'delete', parameters);
		expect(jsons[0]!.error).toContain('The mailbox has no such label');
	});
});

describe('a server that does not answer in time', () => {
	it('and has carried out the request or not: each is done once, several times over', async () => {
		addLabel('VIP', 'blue');
		addLabel('Old', 'blue');
		addFolder('Work', '0');
		const options = { timeout: 0.5 };
		const ways: Array<[ApiName, 'label' | 'folder' | 'contact', string, INodeParameters]> = [
			['mail.label.create', 'label', 'create', { name: 'New' }],
			['mail.label.patch', 'label', 'update', { labelId: 'id of VIP', updateFields: { name: 'VIPs' } }],
			['mail.label.delete', 'label', 'delete', { labelId: 'id of Old' }],
			['mail.folder.create', 'folder', 'create', { name: 'New' }],
			['mail.folder.delete', 'folder', 'delete', { folderId: 'id of Work' }],
			['mail.contact.create', 'contact', 'upsert', { name: 'Ann', matchBy: 'name' }],
		];
		for (const [api] of ways) {
			sandbox.fail({ api, on: 1, with: { kind: 'hang' } });
			sandbox.fail({ api, on: 2, with: { kind: 'hang', after: true } });
		}
		const runs = await Promise.all(
			ways.map(async ([, resource, operation, parameters]) =>
				attempt(resource, operation, { ...parameters, options }),
			),
		);
		expect(runs.map(({ jsons }) => jsons[0]!.error)).toEqual(ways.map(() => undefined));
		expect(mailbox.labels.map(({ name }) => name)).toEqual(['VIPs', 'New']);
		expect(mailbox.folders.map(({ name }) => name)).toEqual(['New']);
		expect(mailbox.contacts.map(({ name }) => name)).toEqual(['Ann']);
	});

	it.each([
		['label', 'create', /and nothing was created: run it again later$/],
		['folder', 'create', /^It is unknown whether/],
		['contact', 'upsert', /^It is unknown whether/],
	])('three times: %s %s says what may still come', async (resource, operation, message) => {
		sandbox.fail({ api: `mail.${resource as 'label'}.create`, times: 3, with: { kind: 'hang' } });
		const parameters = { name: 'New', matchBy: 'name', options: { timeout: 0.3 } };
		const { jsons } = await attempt(resource as 'label', operation, parameters);
		expect(jsons[0]!.error).toMatch(message);
	});

	it.each([
		[0.5, 3000],
		[3, 9500],
	])(
		'within %d s, but carries out the request after %d ms: nothing is there twice',
		async (timeout, ms) => {
			time.end();
			const options = { timeout };
			const late: Fault = { kind: 'delay', ms };
			const apis = ['mail.label.create', 'mail.folder.create', 'mail.contact.create'] as const;
			for (const api of apis) sandbox.fail({ api, on: 1, with: late });
			const runs = await Promise.all([
				attempt('label', 'create', { name: 'New', options }),
				attempt('folder', 'create', { name: 'New', options }),
				attempt('contact', 'upsert', { name: 'New', matchBy: 'name', options }),
			]);
			await until(() => sandbox.requests.every(({ status }) => status !== undefined));
			const { labels, folders, contacts } = mailbox;
			expect([labels.length, folders.length, contacts.length]).toEqual([1, 1, 1]);
			expect(runs.map(({ jsons }) => jsons[0]!.id)).toEqual([labels[0]!.id, folders[0]!.id, contacts[0]!.id]);
		},
		30_000,
	);
});
