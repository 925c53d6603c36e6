import type { AxiosInstance } from 'axios';

import { labelColors, Sandbox } from './index';
import type { Label } from './index';
import { mailboxPath, outcome, signIn } from './client';

let sandbox: Sandbox;
let client: AxiosInstance;

beforeEach(async () => {
	sandbox = await Sandbox.start();
	client = await signIn(sandbox);
});
afterEach(async () => await sandbox.close());

const path = mailboxPath('labels');
const create = async (label: unknown) => await client.post(path, { label });

describe('label create', () => {
	it('stores the label and answers with it', async () => {
		const { data } = await create({ name: 'test', background_color: 'carmine' });
		const label = {
			id: expect.stringMatching(/^\d{19}$/) as string,
			name: 'test',
			background_color: 'carmine',
			messages_unread: 0,
		};
		expect(data).toEqual({ code: 0, msg: 'success', data: { label } });
		expect(sandbox.mailbox.labels).toEqual([label]);
	});

	it('takes each of the twelve colours, and chooses one of them when none is sent', async () => {
		expect(labelColors).toHaveLength(12);
		for (const color of labelColors) {
			expect((await create({ name: color, background_color: color })).data).toMatchObject({
				data: { label: { background_color: color } },
			});
		}
		await create({ name: 'no colour' });
		await create({ name: 'null colour', background_color: null });
		const chosen = sandbox.mailbox.labels.slice(12).map((label) => label.background_color);
		expect(chosen.every((color) => labelColors.some((known) => known === color))).toBe(true);
		expect(chosen).toHaveLength(2);
	});

	it.each<[string, unknown, number]>([
		['no label', undefined, 1234000],
		['the label null', null, 1234000],
		['a label without a name', {}, 1234000],
		['an empty name', { name: '' }, 1234000],
		['a name of 256 code points', { name: '😀'.repeat(256) }, 1234000],
		['an unknown colour', { name: 'a', background_color: 'pink' }, 1234000],
		['a colour in capitals', { name: 'a', background_color: 'Blue' }, 1234000],
		['an empty colour', { name: 'a', background_color: '' }, 1234000],
		['a label that is a text', 'a', 99992402],
		['a name that is a number', { name: 1 }, 99992402],
		['a colour that is a number', { name: 'a', background_color: 1 }, 99992402],
		['a built-in name', { name: 'IMPORTANT' }, 1230103],
		['a built-in name in small letters', { name: 'flagged' }, 1230103],
		['a name that exists', { name: 'a/b' }, 1230101],
	])('refuses %s', async (_case, label, code) => {
		await create({ name: 'a/b' });
		expect(outcome(await create(label))).toEqual([400, code]);
		expect(sandbox.mailbox.labels).toHaveLength(1);
	});

	it('takes 255 code points, and tells nested labels apart by their full path', async () => {
		for (const name of ['😀'.repeat(255), 'b', 'a/b', 'a/b/c', 'A/b']) {
			expect(outcome(await create({ name }))).toEqual([200, 0]);
		}
	});

	it('refuses one more than the limit of the mailbox', async () => {
		sandbox.mailbox.labelLimit = 1;
		await create({ name: 'first' });
		expect(outcome(await create({ name: 'second' }))).toEqual([400, 1230102]);
		expect(outcome(await create({ name: 'first' }))).toEqual([400, 1230101]);
	});
});

describe('label list', () => {
	it('gives all labels of the mailbox at once', async () => {
		for (let n = 0; n < 25; n += 1) await create({ name: `label ${n}` });
		const { data } = await client.get(path);
		expect(data).toEqual({ code: 0, msg: 'success', data: { items: sandbox.mailbox.labels } });
		expect(sandbox.mailbox.labels).toHaveLength(25);
	});
});

const pathOf = (id: string) => mailboxPath('labels', 'user@example.com', id);

/** A label made for a test. */
const make = async (name: string, color = 'blue') => {
	const { data } = await create({ name, background_color: color });
	return (data as { data: { label: Label } }).data.label;
};

describe('label get', () => {
	it('gives one label', async () => {
		await make('a');
		const label = await make('b');
		expect((await client.get(pathOf(label.id))).data).toEqual({
			code: 0,
			msg: 'success',
			data: { label },
		});
	});

	it.each(['1', 'IMPORTANT', 'FLAGGED'])('does not find %s', async (id) => {
		expect(outcome(await client.get(pathOf(id)))).toEqual([400, 1230100]);
	});
});

describe('label patch', () => {
	const patch = async (id: string, label: unknown) => await client.patch(pathOf(id), { label });

	it.each([
		[{ name: 'b/c' }, { name: 'b/c', background_color: 'red' }],
		[{ background_color: 'lime' }, { name: 'a', background_color: 'lime' }],
		[
			{ name: 'b', background_color: 'lime' },
			{ name: 'b', background_color: 'lime' },
		],
		[
			{ name: 'a', background_color: null },
			{ name: 'a', background_color: 'red' },
		],
	])('%j changes that and answers with the label', async (change, expected) => {
		const label = await make('a', 'red');
		const changed = { ...label, ...expected };
		const { data } = await patch(label.id, change);
		expect(data).toEqual({ code: 0, msg: 'success', data: { label: changed } });
		expect(sandbox.mailbox.labels).toEqual([changed]);
	});

	it.each<[string, unknown, number]>([
		['no label', undefined, 1234000],
		['neither name nor colour', {}, 1234000],
		['both null', { name: null, background_color: null }, 1234000],
		['an empty name', { name: '' }, 1234000],
		['a name of 256 code points', { name: 'x'.repeat(256) }, 1234000],
		['an unknown colour', { background_color: 'pink' }, 1234000],
		['a name that is a number', { name: 1 }, 99992402],
		['a built-in name', { name: 'Important' }, 1230103],
		['the name of another label', { name: 'taken', background_color: 'lime' }, 1230101],
	])('refuses %s', async (_case, change, code) => {
		const labels = [await make('a', 'red'), await make('taken')];
		expect(outcome(await patch((labels[0] as Label).id, change))).toEqual([400, code]);
		expect(sandbox.mailbox.labels).toEqual(labels);
	});

	it('does not find an unknown label', async () => {
		expect(outcome(await patch('1', { name: 'a' }))).toEqual([400, 1230100]);
	});
});

describe('label delete', () => {
	it('takes that label only, and answers with nothing', async () => {
		const [first, second, below] = [await make('a'), await make('b'), await make('b/c')];
		const { data } = await client.delete(pathOf(second.id));
		expect(data).toEqual({ code: 0, msg: 'success', data: {} });
		expect(sandbox.mailbox.labels).toEqual([first, below]);
		expect(outcome(await client.delete(pathOf(second.id)))).toEqual([400, 1230100]);
	});
});
