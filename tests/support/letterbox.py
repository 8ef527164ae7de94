"""Keeps every letter an SMTP server takes, byte for byte and with its envelope, in a folder."""

import json
import os
import time


class Letterbox:
    def __init__(self, folder):
        self.folder = folder

    @classmethod
    def from_cli(cls, parser, *folders):
        return cls(folders[0])

    def refusal(self):
        """What to answer instead of taking letters, if the test says so."""
        try:
            with open(os.path.join(self.folder, "refusal"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if refusal := self.refusal():
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        path = os.path.join(self.folder, f"{time.time_ns():020}")
        with open(path + ".json", "w", encoding="utf-8") as file:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos}, file)
        with open(path + ".part", "wb") as file:
            file.write(envelope.original_content)
        os.rename(path + ".part", path + ".eml")
        return "250 OK"
