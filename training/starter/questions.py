"""How people ask: by topic, by heading, about one thing, and for summaries in a style. `{}` is the thing or the heading."""

BY_TOPIC: dict[str, tuple[str, ...]] = {
    "allergies": ("Any drug allergies?", "What is the patient allergic to?", "Does she have allergies to medications?", "Allergies?", "Is he allergic to anything?", "List the allergies.", "Known allergies?"),
    "medications": ("What medications is the patient taking?", "List the current meds.", "Which drugs is she on?", "Is he on any medication?", "Medications?", "What does the patient take at home?", "Current medication list", "Which medicines are prescribed, and at what dose?", "What are the medications?"),
    "diagnosis": ("What is the diagnosis?", "What was she diagnosed with?", "What is wrong with the patient?", "Give me the impression.", "What is the assessment?", "Diagnosis?", "What is the conclusion?", "What does the report conclude?", "Which diagnoses are listed?"),
    "plan": ("What is the plan?", "What are the next steps?", "What follow-up is recommended?", "How should the patient be managed?", "Plan?", "What is recommended?", "When should he come back?", "What treatment is planned?", "What happens next?"),
    "family": ("What is the family history?", "Family history?", "Do any relatives have relevant illnesses?", "Does anything run in the family?"),
    "social": ("What is the social history?", "Does the patient smoke or drink?", "Social history?", "Tobacco, alcohol or drugs?", "What is known about habits and living situation?"),
    "surgical history": ("What surgeries has the patient had?", "Past surgical history?", "Any previous operations?", "List earlier surgery."),
    "medical history": ("What is the past medical history?", "Which chronic conditions are known?", "PMH?", "Any past illnesses?", "What other medical problems does she have?"),
    "complaint": ("Why is the patient here?", "What is the chief complaint?", "Reason for the visit?", "What brought him in?", "What is the indication?"),
    "present illness": ("What happened?", "What is the history of present illness?", "How did it start?", "HPI?", "Tell me the history."),
    "symptoms": ("What symptoms does the patient have?", "Review of systems?", "Which symptoms are reported or denied?", "What does she complain of?"),
    "vital signs": ("What are the vital signs?", "Vitals?", "Blood pressure and pulse?", "Give me the vitals."),
    "examination": ("What did the physical examination show?", "Exam findings?", "What was found on examination?", "Physical exam?"),
    "laboratory": ("What are the lab results?", "Labs?", "What did the blood tests show?", "Laboratory values?", "Any results?"),
    "imaging": ("What did imaging show?", "Imaging results?", "What did the scan show?", "Which studies were done, and what did they show?", "X-ray or CT?"),
    "findings": ("What are the findings?", "What was found?", "Findings?", "What was seen?", "Describe the findings."),
    "procedure": ("What procedure was done?", "Which operation was performed?", "Procedure?", "What was done?", "Describe the procedure."),
    "complications": ("Were there any complications?", "Complications?", "Did anything go wrong?"),
    "age": ("How old is the patient?", "Age and sex?", "What is the patient's age?"),
    "course": ("What was the hospital course?", "How did the hospital stay go?", "Course?"),
}  # fmt: skip
BY_HEADING = ("What does the report say under {}?", "{}?", "Show me the section {}.", "What is stated about {}?", "Quote {}.", "What about {}?")  # fmt: skip
ABOUT_ONE_THING = ("Does the patient have {}?", "Any {}?", "Is there {}?", "What does the report say about {}?", "Is the patient on {}?", "{}?", "Where is {} mentioned?", "Has {} been reported?", "What about {}?")  # fmt: skip
ABOUT_A_VALUE = (
    "What is the {}?",
    "{}?",
    "How high is the {}?",
    "What was the {}?",
    "Value of {}?",
    "Is the {} normal?",
)
SUMMARY = ("Summarise this report.", "Summarise this report.", "Summarise this report.", "Summarize this report.", "Give me a summary.", "What are the main points?", "Key points?", "Brief me on this report.")  # fmt: skip
SUMMARY_IN_STYLE: dict[str, tuple[str, ...]] = {
    "diagnosis first": ("Summarise this report, diagnosis first.", "Summary: diagnosis first, then findings."),
    "short": ("Summarise this report in one or two sentences.", "Short summary.", "In short?", "The gist?"),
    "values": ("Summarise this report, abnormal values only.", "Summary with abnormal values only."),
    "history": ("Summarise this report with the history.", "Summary with history, please."),
    "medications": ("Summarise this report with the medications.", "Summary with medications."),
    "plan": ("Summarise this report, plan last.", "Summarise diagnosis and plan."),
}
ABNORMAL = ("What is abnormal in this report?", "What is abnormal in this report?", "Which findings are abnormal?", "List abnormal values and findings.", "Any abnormal results?", "Red flags?", "What is out of range?")  # fmt: skip
COMPARE = ("What changed since the earlier report?", "What changed since the earlier report?", "What is new?", "Compare with the earlier report.", "What is different now?")  # fmt: skip
