/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- reads the descriptions of the nodes and credentials on Node */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type {
	ICredentialType,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

import manifest from '../../package.json';

/**
 * What saved workflows and credentials hold of this package, one fact a line: a path such as
 * `nodes/feishuMail/contact/create/name/default`, and the value there.
 */
export type Contract = Record<string, unknown>;

export const contractFile = join(__dirname, 'publicContract.json');

export const recordedContract = () => JSON.parse(readFileSync(contractFile, 'utf8')) as Contract;

/** The contract of the nodes and credentials that package.json names, from their sources. */
export async function presentContract(): Promise<Contract> {
	const { nodes, credentials } = manifest.n8n;
	const nodeTypes = await Promise.all(nodes.map(async (path) => await instanceOf<INodeType>(path)));
	const credentialTypes = await Promise.all(
		credentials.map(async (path) => await instanceOf<ICredentialType>(path)),
	);
	return Object.assign(
		{},
		...nodeTypes.map(({ description }) => contractOfNode(description)),
		...credentialTypes.map(contractOfCredential),
	) as Contract;
}

/** An instance of the class that a file is named after. */
async function instanceOf<Type>(builtPath: string): Promise<Type> {
	const source = builtPath.replace(/^dist\//, '../../').replace(/\.js$/, '.ts');
	const [name = ''] = source.split('/').at(-1)!.split('.');
	const module = (await import(source)) as Record<string, new () => Type>;
	return new module[name]!();
}

export function contractOfNode({
	name,
	displayName,
	version,
	credentials = [],
	properties,
}: Pick<INodeTypeDescription, 'name' | 'displayName' | 'version' | 'credentials' | 'properties'>): Contract {
	const root = `nodes/${name}`;
	return {
		[`${root}/displayName`]: displayName,
		...Object.fromEntries([version].flat().map((number) => [`${root}/version/${number}`, 'version'])),
		...Object.fromEntries(credentials.map((type) => [`${root}/credentials/${type.name}`, 'credential'])),
		...contractOfProperties(root, properties),
	};
}

export function contractOfCredential({
	name,
	displayName,
	extends: parents = [],
	properties,
}: Pick<ICredentialType, 'name' | 'displayName' | 'extends' | 'properties'>): Contract {
	const root = `credentials/${name}`;
	return {
		[`${root}/displayName`]: displayName,
		...Object.fromEntries(parents.map((parent) => [`${root}/extends/${parent}`, 'credential'])),
		...contractOfProperties(root, properties),
	};
}

function contractOfProperties(root: string, properties: INodeProperties[]): Contract {
	// A notice holds no value.
	const holding = properties.filter(({ type }) => type !== 'notice');
	return Object.assign(
		{},
		...holding.flatMap((property) =>
			placesOf(property).map((place) => contractOfProperty([root, ...place].join('/'), property)),
		),
	) as Contract;
}

/**
 * Where a property is shown: below its resource and operation, and with what else must be chosen, such as
 * `contact/create/userMailboxId (authentication oAuth2)`. One place for each combination, so that more of them add
 * lines and change none.
 */
function placesOf({ name, displayOptions }: INodeProperties): string[][] {
	const { resource = [], operation = [], ...others } = displayOptions?.show ?? {};
	const combinations = Object.entries(others).reduce<string[][]>(
		(earlier, [other, values = []]) =>
			values.flatMap((value) => earlier.map((chosen) => [...chosen, `${other} ${textOf(value)}`])),
		[[]],
	);
	const either = (values: unknown[]) => (values.length > 0 ? values.map((value) => [textOf(value)]) : [[]]);
	return either(resource).flatMap((first) =>
		either(operation).flatMap((second) =>
			combinations.map((chosen) => [
				...first,
				...second,
				chosen.length > 0 ? `${name} (${chosen.join(', ')})` : name,
			]),
		),
	);
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function contractOfProperty(path: string, property: INodeProperties): Contract {
	const { type, default: preset, options = [], modes = [], typeOptions } = property;
	const contract: Contract = { [`${path}/type`]: type, ...contractOfDefault(path, property.name, preset) };
	// Turns one value into a list of them.
	if (typeOptions?.multipleValues) contract[`${path}/multipleValues`] = true;
	for (const mode of modes) contract[`${path}/mode/${mode.name}`] = mode.type;
	for (const option of options) {
		if ('value' in option) Object.assign(contract, contractOfOption(path, option));
		else if ('values' in option) Object.assign(contract, contractOfGroup(path, option));
		else Object.assign(contract, contractOfProperties(path, [option]));
	}
	return contract;
}

const contractOfOption = (path: string, { value }: INodePropertyOptions): Contract => ({
	[`${path}/option/${value === '' ? '(empty)' : String(value)}`]: typeof value,
});

const contractOfGroup = (path: string, { name, values }: INodePropertyCollection): Contract =>
	contractOfProperties(`${path}/${name}`, values);

/** Scopes may be added to those a user is asked for: n8n takes the present default where none is stored. */
function contractOfDefault(path: string, name: string, preset: INodeProperties['default']): Contract {
	if (name !== 'userScopes') return { [`${path}/default`]: preset };
	const scopes = String(preset).split(' ');
	return Object.fromEntries(scopes.map((scope) => [`${path}/default/${scope}`, 'scope']));
}

export interface Comparison {
	/** Recorded, and gone or different now; in words. */
	broken: string[];
	/** Present, and not recorded yet. */
	added: Contract;
}

export function compareContracts(recorded: Contract, present: Contract): Comparison {
	const broken = Object.entries(recorded).flatMap(([path, value]) => {
		const holder = path.startsWith('credentials/') ? 'credentials' : 'workflows';
		if (!(path in present)) {
			return [`saved ${holder} hold this name: ${path} (${JSON.stringify(value)}) is gone`];
		}
		const [was, is] = [value, present[path]].map((either) => JSON.stringify(either));
		if (was === is) return [];
		return [`saved ${holder} rely on this value: ${path} was ${was} and is ${is}`];
	});
	const added = Object.entries(present).filter(([path]) => !(path in recorded));
	return { broken, added: Object.fromEntries(added) };
}
