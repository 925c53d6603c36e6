import type { IBinaryKeyData, IDataObject, INodeExecutionData } from 'n8n-workflow';

/** An output item with files. */
export class ItemWithFiles {
	constructor(
		readonly json: IDataObject,
		readonly binary: IBinaryKeyData,
	) {}
}

/** What an operation gives for one input item: the json of each output item, some with files. */
export type Output = IDataObject | ItemWithFiles | Array<IDataObject | ItemWithFiles>;

/** An output item in n8n's form. */
export function asOutputItem(result: IDataObject | ItemWithFiles): INodeExecutionData {
	if (!(result instanceof ItemWithFiles)) return { json: result };
	const { json, binary } = result;
	return Object.keys(binary).length > 0 ? { json, binary } : { json };
}
