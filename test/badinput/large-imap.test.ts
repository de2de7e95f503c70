import { describeLarge } from "./large.ts";

await describeLarge("imap");
