import {
	findByName,
	isLocatorSet,
	locator,
	onlyOne,
	readLocator,
} from '../../nodes/FeishuMail/fields/locator';

const field = {
	displayName: 'Label',
	name: 'labelId',
	description: 'The label',
	searchListMethod: 'searchLabels',
	placeholder: 'e.g. 7012345678901234567',
};

/** An item whose only parameter holds this. */
const holding = (value: unknown) => ({ read: () => ({ value, displayName: 'Label' }) });

const located = (mode: string, value: unknown) => ({ __rl: true, mode, value });

describe('locator', () => {
	const modesOf = (more: object) =>
		locator({ ...field, ...more }).modes!.map(({ displayName }) => displayName);

	it.each<[object, string[]]>([
		[{}, ['From List', 'By ID']],
		[
			{
				modes: [
					{ displayName: 'By Email', name: 'mailAddress', placeholder: 'e.g. a@b.c' },
					{ displayName: 'By Path', name: 'name', placeholder: 'e.g. A/B' },
				],
			},
			['From List', 'By Email', 'By Path', 'By ID'],
		],
	])('with %j offers %j', (more, modes) => {
		expect(modesOf(more)).toEqual(modes);
	});

	it('loads its list from the method that it names', () => {
		const { modes } = locator(field);
		expect(modes![0]!.typeOptions).toEqual({ searchListMethod: 'searchLabels', searchable: true });
	});

	it('depends on no other field: n8n would empty it, also of an expression, as soon as a mailbox is entered', () => {
		expect(locator(field)).not.toHaveProperty('typeOptions');
	});

	it('has nothing chosen at first, unless there is a preset', () => {
		expect(locator(field).default).toEqual({ mode: 'list', value: '' });
		const preset = { value: '0', cachedResultName: 'Top Level' };
		expect(locator({ ...field, preset }).default).toEqual({ mode: 'list', ...preset });
	});
});

describe('readLocator', () => {
	it.each<[unknown, { by: string; value: string }]>([
		[located('list', '701'), { by: 'id', value: '701' }],
		[located('id', '701'), { by: 'id', value: '701' }],
		[located('id', ' 701\n'), { by: 'id', value: '701' }],
		[located('id', 701), { by: 'id', value: '701' }],
		[located('name', 'A/B'), { by: 'name', value: 'A/B' }],
		[located('name', 2026), { by: 'name', value: '2026' }],
		[located('mailAddress', ' a@b.c '), { by: 'mailAddress', value: 'a@b.c' }],
		[located('phone', '701'), { by: 'id', value: '701' }],
		[located('name', 1.5), { by: 'name', value: '1.5' }],
		['701', { by: 'id', value: '701' }],
		[701, { by: 'id', value: '701' }],
		[Number.MAX_SAFE_INTEGER, { by: 'id', value: '9007199254740991' }],
	])('%j is %j', (value, choice) => {
		expect(readLocator(holding(value), 'labelId')).toEqual({ displayName: 'Label', ...choice });
	});

	it.each([undefined, null, '', ' ', located('list', ''), located('id', null), located('name', undefined)])(
		'%j is refused as empty',
		(value) => {
			expect(() => readLocator(holding(value), 'labelId')).toThrow("'Label' is empty");
		},
	);

	it.each([
		Number.MAX_SAFE_INTEGER + 1,
		Number('7012345678901234567'),
		1.5,
		NaN,
		located('id', Number('7012345678901234567')),
	])('%j is refused as an ID: it may be another one than was meant', (value) => {
		expect(() => readLocator(holding(value), 'labelId')).toThrow('cannot hold all digits of an ID');
	});

	it.each<[unknown, string]>([
		[located('id', ['701']), 'a list'],
		[located('id', { id: '701' }), 'an object'],
		[['701'], 'a list'],
	])('%j is refused, because it is %s', (value, what) => {
		expect(() => readLocator(holding(value), 'labelId')).toThrow(
			`'Label' must be text, but its value is ${what}`,
		);
	});
});

describe('isLocatorSet', () => {
	it.each<[unknown, boolean]>([
		[undefined, false],
		[null, false],
		[located('id', undefined), false],
		[located('name', null), false],
		['', true],
		[located('id', ''), true],
		[located('list', '0'), true],
		['0', true],
	])('%j: %p', (value, isSet) => {
		expect(isLocatorSet(holding(value), 'labelId')).toBe(isSet);
	});
});

describe('findByName', () => {
	it.each<[string, string[], string[]]>([
		['VIP', ['VIP', 'Other'], ['VIP']],
		['vip', ['VIP', 'Other'], ['VIP']],
		['vip', ['VIP', 'vip', 'Vip'], ['vip']],
		['vIP', ['VIP', 'vip'], ['VIP', 'vip']],
		['VIP', ['VIP', 'VIP', 'vip'], ['VIP', 'VIP']],
		['ÄRGER', ['ärger'], ['ärger']],
		['Jos\u00e9', ['Jose\u0301'], ['Jose\u0301']],
		['JOSE\u0301', ['jos\u00e9'], ['jos\u00e9']],
		['Jos\u00e9', ['jos\u00e9', 'Jose\u0301'], ['Jose\u0301']],
		['Jos\u00e9', ['Jose\u0301', 'Jos\u00e9'], ['Jos\u00e9']],
		['VIP', ['VIP 2', 'V', 'Customers/VIP'], []],
		['VIP', [], []],
	])('%s among %j is %j', (name, names, found) => {
		expect(findByName(names, name, (candidate) => candidate)).toEqual(found);
	});
});

describe('onlyOne', () => {
	const choice = { by: 'name', displayName: 'Folder', value: 'A' } as const;

	it('is the one that was found', () => {
		expect(onlyOne([{ id: '1' }], choice, 'folder', 'Look again.')).toEqual({ id: '1' });
	});

	it.each<[Array<{ id: string }>, string, string]>([
		[[], "'Folder': the mailbox has no folder 'A'", 'Look again.'],
		[
			[{ id: '1' }, { id: '2' }],
			"'Folder': the mailbox has 2 folders 'A'",
			'Their IDs are 1, 2. Choose one from the list or by its ID.',
		],
	])('refuses %j with words', (found, message, description) => {
		expect(() => onlyOne(found, choice, 'folder', 'Look again.')).toThrow(
			expect.objectContaining({ message, description }),
		);
	});
});
