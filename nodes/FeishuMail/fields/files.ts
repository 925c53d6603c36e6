import type { IBinaryData, INodeProperties } from 'n8n-workflow';

import { visibleText } from '../mime/headers';
import type { MailFile } from '../mime/mail';
import type { Item } from '../run/item';
import { RefusedInput } from '../transport/refusedInput';

const field = {
	type: 'string',
	default: '',
	placeholder: 'e.g. data, attachment_0',
} satisfies Partial<INodeProperties>;

export const attachmentsField: INodeProperties = {
	...field,
	displayName: 'Attachments',
	name: 'attachments',
	description:
		'Names of the binary fields that hold the files, separated by commas; or binary data, by an expression',
};

export const inlineImagesField: INodeProperties = {
	...field,
	displayName: 'Inline Images',
	name: 'inlineImages',
	placeholder: 'e.g. logo',
	description:
		'Names of the binary fields that hold images which the HTML of the message shows: the image of the field \'logo\' as &lt;img src="cid:logo"&gt;',
};

/** A file that an item chooses, and the way to its bytes. */
export interface ChosenFile {
	/** The binary field that holds it; of a file by expression, its name. */
	field: string;
	/** How many bytes it has, without reading them; undefined where n8n does not tell. */
	size: () => Promise<number | undefined>;
	/** @throws RefusedInput where there are no bytes */
	read: () => Promise<MailFile>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null;

/** n8n's description of a file. Where its bytes are is not in what `$binary` of an expression gives of one in memory. */
type Described = Omit<IBinaryData, 'data'> & Partial<Pick<IBinaryData, 'data'>>;

const isDescribed = (value: unknown): value is Described =>
	isObject(value) && typeof value.mimeType === 'string';

const hasBytes = (file: Described): file is IBinaryData => 'data' in file || 'id' in file;

/**
 * The files that a field chooses: by the names of binary fields, or by an expression that gives binary data, all binary
 * fields of an item, or a list of these.
 *
 * @throws RefusedInput for a file that is not there, and for an expression that gives nothing: a mail without its file
 * would look as if it were complete
 */
export function readFiles(item: Item, parameter: string): ChosenFile[] {
	const { value, displayName } = item.readEntered(
		parameter,
		'The mail would go out without its file. See that the expression gives the name of a binary field or binary data, or an empty text for a mail without files.',
	);
	return filesIn(item, displayName, value);
}

function filesIn(item: Item, displayName: string, value: unknown): ChosenFile[] {
	if (value === undefined || value === null) return [];
	if (Array.isArray(value)) return value.flatMap((one) => filesIn(item, displayName, one));
	if (typeof value === 'string') {
		const names = value.split(',').map((name) => name.trim());
		return names.filter(Boolean).map((name) => fileOf(item, displayName, name, item.binary(name)));
	}
	if (isDescribed(value)) return [describedFile(item, displayName, value)];
	const fields = isObject(value) ? Object.entries(value) : [];
	if (fields.length > 0 && fields.every(([, data]) => isDescribed(data))) {
		return fields.map(([name, data]) => describedFile(item, displayName, data as Described, name));
	}
	throw new RefusedInput(
		`'${displayName}' is neither the name of a binary field nor binary data`,
		"Enter the names of binary fields of the item, as its 'Binary' view shows them, separated by commas.",
	);
}

/**
 * A file that an expression gives: one of the item's, by what n8n tells of it, or one from elsewhere.
 *
 * @param name of its field, where the expression tells that, too
 */
function describedFile(item: Item, displayName: string, file: Described, name?: string): ChosenFile {
	const wanted = withoutPlace(file);
	const own = item.binaryNames.filter((field) => withoutPlace(item.binary(field)) === wanted);
	const [field, another] = name !== undefined && own.includes(name) ? [name] : own;
	if (field !== undefined && !another) return fileOf(item, displayName, field, item.binary(field));
	if (hasBytes(file)) return fileOf(item, displayName, name ?? file.fileName ?? 'file', file);
	throw new RefusedInput(
		another
			? `'${displayName}': the files of the binary fields '${own.join("' and '")}' look the same to an expression`
			: `'${displayName}': the expression gives a file that this item does not have`,
		"Enter the name of the binary field as plain text, without an expression; files of other nodes come by a 'Merge' node.",
	);
}

/** What n8n tells of a file, as a text. */
const withoutPlace = (file?: Described) =>
	JSON.stringify(Object.entries({ ...file, data: undefined }).sort());

function fileOf(item: Item, displayName: string, field: string, data: IBinaryData | undefined): ChosenFile {
	if (!data) {
		const names = item.binaryNames;
		throw new RefusedInput(
			`'${displayName}': the item has no binary field '${field}'`,
			names.length > 0
				? `Its binary fields are: ${names.join(', ')}.`
				: 'It has no binary fields at all: see that the node before this one passes on its files.',
		);
	}
	const { fileName, fileExtension } = data;
	return {
		field,
		async read() {
			const content = await item.bytesOf(data);
			if (content.length === 0) {
				throw new RefusedInput(
					`'${displayName}': the file '${field}' is empty`,
					'The mail would go out without its content. See that the node before this one has read the file.',
				);
			}
			const isNamed = typeof fileName === 'string' && visibleText(fileName) !== '';
			const filename = isNamed ? fileName : [field, fileExtension].filter(Boolean).join('.');
			return { filename, content };
		},
		size: async () => await item.sizeOf(data),
	};
}
