/**
 * A value that is not sent, because Feishu could only refuse it or because it would change what the request does.
 *
 * `message` names the parameter as the user sees it; `description` says what to do about it. The router turns it
 * into a `NodeOperationError` with the item's number.
 */
export class RefusedInput extends Error {
	override readonly name = 'RefusedInput';

	constructor(
		message: string,
		public description?: string,
	) {
		super(message);
	}
}
