import { mailboxHints } from '../mailboxHints';

/** Codes of the folder endpoints. */
export const folderHints = mailboxHints('folder', "'Mailbox', the name of the folder and its parent");
