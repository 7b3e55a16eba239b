"""What numbers of a person are called, and how sure each name is. A table; `ids_labelled` reads it."""

STRONG, PLAIN, WEAK = "strong", "plain", "weak"
"""`STRONG`: hardly anything but such a number follows. `WEAK`: an everyday word, which needs `number`, `#` or `:`, or a value that looks the part."""

LABELS: tuple[tuple[str, str, str], ...] = (
    # (type, how sure, names: words in lower case, separated by |; a space also stands for - / _ .)
    (
        "SSN",
        STRONG,
        "ssn|ss no|social security|soc sec|social sec|socsec|national insurance|nino|ppsn|pps|social insurance|aadhaar|aadhar|adhaar|tax file|tfn|cpf|curp|nric|bsn|personnummer|rsa id|sa id|national id|said",
    ),
    ("SSN", PLAIN, "ss|sin|uid|uidai|abha|id no|cpr|fin no|identity|itin"),
    ("SSN", WEAK, "pan|ni|social"),
    (
        "HEALTH_PLAN",
        PLAIN,
        "blue shield|ambetter|molina|oscar health|centene|wellcare|united|optum|axa|aviva|vitality|allianz|hcf|nib|hbf|discovery health|discovery|momentum|bonitas|gems|star health|nhia|champva|pmjay|green shield|sun life|manulife|health insurance|insurance|insurance plan|insurance policy|insurance member|insurance card|health plan|policy|member|membership|memb|mbr|subscriber|subs|beneficiary|medicare|medicaid|medi cal|"
        "mbi|hicn|hic|hmo|ppo|hpb|health plan beneficiary|hpbn|payer|certificate of coverage|ohip|ramq|msp|ahcip|phn|health card|healthcard|hcn|philhealth|bupa|vhi|medical aid|medical scheme|dva|medibank|"
        "gms|medical card|tricare|bcbs|blue cross|aetna|cigna|humana|uhc|unitedhealthcare|kaiser|anthem|nhif|ayushman|cghs|esic|echs|cardholder|rxbin|bin|rxgrp|pcn|authorization|authorisation|prior auth|"
        "prior authorization|pre auth|preauth|ihi|individual healthcare identifier|irn|personal health|versichertennummer|care card|carecard",
    ),
    ("HEALTH_PLAN", WEAK, "plan|group|grp|coverage|auth|scheme|ins|dependent|dep"),
    (
        "MRN",
        STRONG,
        "mrn|mrns|m r n|mrd|mrd no|cr no|mrno|nhi|carenotes|paris|janus|lorenzo|badgernet|webpas|titanium|careflow|evolve|medtech|uhid|clinic no|clinic number|pmi|bht|hsn|shn|enc|pas no|local id|district no|person no|urn|nhs|chi|csn|emrn|cmrn|rio|emis|systmone|hosp no|hospital no|unit record|medical record|medical records|med rec|med record|patient no|pt no|op no|ip no|opd no|ipd no|h c|hcno|empi",
    ),
    (
        "MRN",
        PLAIN,
        "mr|chart|ur|umr|pid|patient id|pt id|pat id|patientid|fin|har|encounter|record|hospital|hosp|file|folder|crn|hrn|opd|ipd|epic|cerner|meditech|pas|client|resident id|registration id|hn|facility no|emr|ehr|patient identifier",
    ),
    ("MRN", WEAK, "patient|pt|pat|unit|visit|admission|episode|resident|op|ip|reg"),
    (
        "ACCOUNT",
        PLAIN,
        "acct|account|a c|bank account|routing|sort code|iban|bic|swift|bsb|ifsc|credit card|debit card|account number|invoice|billing|claim|claims|transaction|receipt|rcpt|utr|upi|payment|remittance|statement|hicaps|workcover|worksafe|wsib|wcb|workers comp|"
        "medicare claim|visa card|mastercard|amex",
    ),
    ("ACCOUNT", WEAK, "card|bill|inv|txn|order no|policy claim|cheque|check no"),
    (
        "LICENSE",
        STRONG,
        "npi|dea|cdl|gmc|nmc|nmbi|hcpc|gdc|gphc|mcrn|imc|ahpra|hpcsa|cpso|cpsbc|cpsa|sanc|upin|ptan|driver license|driver licence|drivers license|drivers licence|driving license|driving licence|medical license|medical licence|"
        "state license|state licence|nursing license|nursing licence|rn license|rn licence|tnmc|nmc pin",
    ),
    (
        "LICENSE",
        PLAIN,
        "license|licence|licensed|licenced|lic|passport|passport card|regd|regn|provider|prov no|clia|prescriber|certificate license|certificate licence|medical council|registration no|reg no|practice no|pr no|mdcn|ptr|cds|csr|green card|alien|a number|visa no|dln|operator license|operator licence|licensure|licencure|firearm license|firearm licence|"
        "medallion|mp|permis|prc|kmc|mmc|dmc|wbmc|apmc|coru",
    ),
    ("LICENSE", WEAK, "certificate|cert|dl|registration|permit|visa|ein|tin|pr"),
    (
        "VEHICLE",
        STRONG,
        "vin|license plate|licence plate|number plate|registration plate|plate|plates|rego|vrm|vrn|lic plate|license tag|licence tag|plate no|vehicle registration|aircraft|helicopter|tail no|vehicle reg|vehicle identification|vehicle identifier|car reg|reg plate|reg mark|numberplate",
    ),
    ("VEHICLE", WEAK, "vehicle|tag|car|van|truck|motorcycle|ambulance|chassis|engine"),
    (
        "DEVICE",
        PLAIN,
        "s n|sn|model serial|device|udi|udi di|imei|imsi|iccid|meid|pacemaker|generator|device identifier|ref lot|mac address|asset|asset tag|equipment|esn|device serial|sim",
    ),
    ("DEVICE", STRONG, "serial|serial no|ser|ser no|lot|lot no|batch no|batch"),
    (
        "DEVICE",
        WEAK,
        "implant|implants|product|meter|pump|sensor|transmitter|receiver|icd|crt|lead|leads|monitor|stent|valve|ref|gtin|stem|cup|head|liner|lens|iol|aid|aids|machine|concentrator|cpap|ventilator",
    ),
    (
        "BIOMETRIC",
        STRONG,
        "biometric|biometrics|biometric id|biometric template|biometric scan|biometric hash|fingerprint|finger print|thumbprint|retina scan|retinal scan|iris scan|iris|voice print|voiceprint|face print|faceprint|face id|"
        "biometric identifier|full face photo|palm print|palmprint|palm vein|fingerprint scan|fingerprint template|gait signature|facial recognition|facial template|full face photo|face photo|photo face|dna profile|retina|retinal|thumb print|finger vein|face scan|faceid|voice id|voice biometric|gait|palm scan|iris code",
    ),
    (
        "ID",
        STRONG,
        "badge|wristband|wrist band|armband|id band|bracelet|kit|kit no|subject|participant|study subject|subject no|participant no|key safe|keysafe|door code|access code|gate code|lockbox|alarm code|accession|accn|acc no|access no|uuid|guid|unique identifier|unique id|edipi|dod id|username|inmate|inmate no|booking|booking no|cdcr|offender|employee id|employee no|student id|badge no|study id|subject id|participant id|api key|case file|crash report|police report|incident report",
    ),
    (
        "ID",
        PLAIN,
        "meeting id|zoom|zoom id|webex|cas|fir|mlc|ob no|collar|collar no|shoulder no|warrant no|callsign|call sign|acc|accession no|specimen|spec|sample id|sample no|requisition|req no|surgical path|surgical pathology|pathology no|path no|cytology no|histology no|lab no|lab id|lab ref|barcode|bar code|control no|control number|job|dictation|dict|voice job|incident|ticket|"
        "confirmation|conf|tracking|case no|case id|case number|docket|cad|crime ref|crime|prison no|nomis|booking ref|badge|employee|emp|staff|staff id|student|military|military id|service no|service number|screening no|randomization|randomisation|enrolment|enrollment|"
        "study subject|study no|participant|prescription|script|rx|rx no|user id|user|login|user name|identification|identifier|our ref|your ref|reference no|reference number|ref no|donor|donor id|donation|request|request no|order no|order number|order id|exam id|exam no|report no|"
        "event no|referral|referral no|safeguarding|report|lab accession|image id|study uid|device user|voucher|coupon|membership id|token id|loyalty|tattoo|microchip|chip|blood unit|unit no|isbt|death certificate|birth certificate|birth registration|mpi|"
        "case worker ref|claimant|warrant|cps case|court case|docket no|complaint|datix|riddor|coroner|me case|me no",
    ),
    (
        "ID",
        WEAK,
        "id|ids|case|order|study|exam|sample|lab|path|pathology|reference|ref|refs|token|pin|secret|password|passcode|key|req|confirmation code|control|code|otp|access code|door code|screening|protocol no|transfer|transaction id|form|number|no|bed unit|bag|unit bag|box|locker|notes|film|tissue|graft|tag no|warranty|cert no|jobs|dict id",
    ),
)
