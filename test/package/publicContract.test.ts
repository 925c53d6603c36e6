import type { INodeProperties } from 'n8n-workflow';

import {
	compareContracts,
	contractOfCredential,
	contractOfNode,
	presentContract,
	recordedContract,
	type Comparison,
} from './publicContract';

const lines = (contract: object) =>
	Object.entries(contract).map(([path, value]) => `${path}: ${JSON.stringify(value)}`);

describe('the public contract', () => {
	let comparison: Comparison;

	beforeAll(async () => {
		comparison = compareContracts(recordedContract(), await presentContract());
	});

	it('holds: every recorded name exists, with its type and its default', () => {
		expect(comparison.broken).toEqual([]);
	});

	it('is complete (npm run contract records new names)', () => {
		const unrecorded = lines(comparison.added).map((line) => `not recorded, run 'npm run contract': ${line}`);
		expect(unrecorded).toEqual([]);
	});
});

const contract = (...properties: INodeProperties[]) =>
	contractOfNode({ name: 'sheep', displayName: 'Sheep', version: 1, properties });

const name: INodeProperties = {
	displayName: 'Name',
	name: 'name',
	type: 'string',
	default: '',
	displayOptions: { show: { resource: ['flock'], operation: ['create'] } },
};

describe('what the contract holds', () => {
	it('a field below its resource and operation, and what else must be chosen', () => {
		const displayOptions = {
			show: { resource: ['flock'], operation: ['create'], authentication: ['app', 'user'] },
		};
		expect(lines(contract({ ...name, displayOptions })).slice(2)).toEqual([
			'nodes/sheep/flock/create/name (authentication app)/type: "string"',
			'nodes/sheep/flock/create/name (authentication app)/default: ""',
			'nodes/sheep/flock/create/name (authentication user)/type: "string"',
			'nodes/sheep/flock/create/name (authentication user)/default: ""',
		]);
	});

	it('options, modes of a locator, and the fields of collections at any depth', () => {
		const color: INodeProperties = {
			displayName: 'Color',
			name: 'color',
			type: 'options',
			options: [
				{ name: 'Any', value: '' },
				{ name: 'Black', value: 'black' },
			],
			default: '',
		};
		const id: INodeProperties = {
			displayName: 'ID',
			name: 'id',
			type: 'resourceLocator',
			modes: [{ displayName: 'From List', name: 'list', type: 'list' }],
			default: { mode: 'list', value: '' },
		};
		const found = lines(
			contract({
				displayName: 'More',
				name: 'more',
				type: 'collection',
				default: {},
				options: [
					id,
					{
						displayName: 'Spots',
						name: 'spots',
						type: 'fixedCollection',
						typeOptions: { multipleValues: true },
						default: {},
						options: [{ displayName: 'Spot', name: 'spot', values: [color] }],
					},
				],
			}),
		);
		expect(found).toEqual([
			'nodes/sheep/displayName: "Sheep"',
			'nodes/sheep/version/1: "version"',
			'nodes/sheep/more/type: "collection"',
			'nodes/sheep/more/default: {}',
			'nodes/sheep/more/id/type: "resourceLocator"',
			'nodes/sheep/more/id/default: {"mode":"list","value":""}',
			'nodes/sheep/more/id/mode/list: "list"',
			'nodes/sheep/more/spots/type: "fixedCollection"',
			'nodes/sheep/more/spots/default: {}',
			'nodes/sheep/more/spots/multipleValues: true',
			'nodes/sheep/more/spots/spot/color/type: "options"',
			'nodes/sheep/more/spots/spot/color/default: ""',
			'nodes/sheep/more/spots/spot/color/option/(empty): "string"',
			'nodes/sheep/more/spots/spot/color/option/black: "string"',
		]);
	});

	it('the fields of a credential, and the scopes it asks for one by one', () => {
		const properties: INodeProperties[] = [
			{ displayName: 'Scopes', name: 'userScopes', type: 'string', default: 'read write' },
		];
		expect(
			lines(
				contractOfCredential({
					name: 'shepherd',
					displayName: 'Shepherd',
					extends: ['oAuth2Api'],
					properties,
				}),
			),
		).toEqual([
			'credentials/shepherd/displayName: "Shepherd"',
			'credentials/shepherd/extends/oAuth2Api: "credential"',
			'credentials/shepherd/userScopes/type: "string"',
			'credentials/shepherd/userScopes/default/read: "scope"',
			'credentials/shepherd/userScopes/default/write: "scope"',
		]);
	});
});

describe('a change of the contract', () => {
	it('another field, operation or option only adds', () => {
		const { broken, added } = compareContracts(
			contract(name),
			contract(name, {
				...name,
				displayOptions: { show: { resource: ['flock'], operation: ['update'] } },
			}),
		);
		expect(broken).toEqual([]);
		expect(Object.keys(added)).toEqual([
			'nodes/sheep/flock/update/name/type',
			'nodes/sheep/flock/update/name/default',
		]);
	});

	it('a field that is renamed or removed breaks what is saved', () => {
		expect(compareContracts(contract(name), contract({ ...name, name: 'title' })).broken).toEqual([
			'saved workflows hold this name: nodes/sheep/flock/create/name/type ("string") is gone',
			'saved workflows hold this name: nodes/sheep/flock/create/name/default ("") is gone',
		]);
	});

	it.each([
		[{ default: 'Dolly' }, 'default was "" and is "Dolly"'],
		[{ type: 'number' as const }, 'type was "string" and is "number"'],
	])('another default or type breaks what is saved: %j', (change, reason) => {
		expect(compareContracts(contract(name), contract({ ...name, ...change })).broken).toEqual([
			`saved workflows rely on this value: nodes/sheep/flock/create/name/${reason}`,
		]);
	});
});
