import json
import logging

import azure.functions as func

app = func.FunctionApp()


@app.function_name(name="OnMail")
@app.generic_trigger(arg_name="mail", type="imapIdleTrigger", folder="INBOX", connection="Imap")
def on_mail(mail) -> None:
    event = json.loads(mail)
    author = event["from"][0]["address"] if event["from"] else "nobody"
    logging.info('UID %s: "%s" from %s', event["uid"], event["subject"], author)
