import type { IBinaryKeyData, IDataObject } from 'n8n-workflow';

/** An output item with files. */
export class ItemWithFiles {
	constructor(
		readonly json: IDataObject,
		readonly binary: IBinaryKeyData,
	) {}
}

/** What an operation gives for one input item: the json of each output item, some with files. */
export type Output = IDataObject | ItemWithFiles | Array<IDataObject | ItemWithFiles>;
