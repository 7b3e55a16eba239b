"""What surrogates are made of: given names by first letter, and syllables that make surnames and towns nobody needs to have.

Our own, written for this. A given name stands under a gender only if it leaves no doubt; the rest are anybody's.
"""


def _by_letter(names: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for name in names.split():
        groups.setdefault(name[0], []).append(name)
    return {letter: tuple(group) for letter, group in groups.items()}


FEMALE = _by_letter(
    """Abigail Agnes Alice Amelia Beatrice Bernadette Bridget Brenda Caroline Catherine Cecilia Clara Daphne Deborah Diana Dorothy Edith
    Eleanor Elizabeth Emma Felicity Fiona Florence Frances Gemma Georgina Gertrude Gwendolyn Hannah Harriet Helen Henrietta Imogen Ingrid
    Irene Isabel Jane Jennifer Joanna Julia Karen Katherine Kirsten Kristina Laura Linda Louisa Lydia Margaret Martha Mary Matilda Nadia
    Nancy Naomi Nora Octavia Odette Odile Olivia Pamela Patricia Penelope Philippa Queenie Quiana Querida Rachel Rebecca Rosalind Ruth
    Sarah Susan Sophia Sylvia Tabitha Tamara Teresa Theodora Ulrike Una Unity Ursula Valerie Vanessa Veronica Victoria Wanda Wendy
    Wilhelmina Winifred Xanthe Xaviera Xenia Ximena Yolanda Ysolde Yvette Yvonne Zara Zelda Zenobia Zuleika Anna Barbara Carol Donna Eva
    Grace Jessica Kimberly Lisa Maria Michelle Nicole Sandra Sharon"""
)
MALE = _by_letter(
    """Adrian Albert Alfred Andrew Benjamin Bernard Bertram Brian Cecil Charles Christopher Conrad Daniel David Dennis Donald Edgar Edmund
    Edward Ernest Felix Ferdinand Francis Frederick Geoffrey George Gerald Gilbert Harold Henry Herbert Hugh Ian Igor Isaac Ivan James
    Jeremy Jonathan Joseph Karl Keith Kenneth Kevin Lawrence Leonard Leopold Louis Malcolm Marcus Martin Matthew Nathaniel Neil Nicholas
    Norman Oliver Oscar Oswald Otto Patrick Paul Peter Philip Quentin Quigley Quintin Ralph Raymond Richard Rupert Samuel Simon Stephen
    Stuart Theodore Thomas Timothy Trevor Ulrich Ulysses Umberto Urbano Valentin Vernon Victor Vincent Walter Warren Wilfred William
    Xander Xavier Xerxes Yannick Yorick Yuri Yves Zachary Zebedee Zoltan Anthony Brandon Gary Jason Jeffrey John Joshua Kyle Larry
    Michael Robert Ronald Ryan Scott Steven"""
)
NEUTRAL = _by_letter(
    """Addison Alex Ariel Ashley Bailey Blair Brook Bryn Cameron Carey Casey Charlie Dana Devon Drew Dylan Ellis Elliot Emerson Eden
    Finley Frankie Fallon Farah Gale Greer Gwyn Harper Hayden Hollis Hilary Ira Isa Indiana Ivory Jamie Jody Jordan Jules Kelly
    Kendall Kiran Kerry Lane Leslie Logan Lindsay Marlow Merritt Morgan Mackenzie Nicky Noel Noor Nevada Oakley Ollie Orion Odell Parker
    Paris Perry Peyton Quinn Quincy Quin Quade Reese Riley Robin Rowan Sasha Shannon Sidney Skyler Taylor Terry Tracy Tatum Umi Uri
    Ulani Usha Val Vivian Vesper Valerian Whitney Winslow Wren Wynn Xan Xen Xiang Xoan Yael Yan Yarrow Yuki Zephyr Zion Zane Zan"""
)

_STEMS = _by_letter(
    """Arn Ald Asp Axel Bas Bren Bol Bex Cran Cald Corn Chel Dar Dell Dun Dray Eld Elm Ers Esk Fal Fenn Farn Flax Garn Gisl Gren Glas Hal
    Hann Harl Hest Ing Ilk Ivel Ist Jar Jes Jun Jorl Keld Kirn Kest Kad Lan Lor Lind Lusk Marl Mell Mord Mus Norl Nel Nant Nesk Ol Orl Os Ock
    Pal Penn Porl Pras Quen Quar Quil Quor Ral Renn Ros Rusk Sal Sel Stel Sard Tal Torl Tresk Tusk Ulv Und Urs Usk Vand Venn Vorl Vesk Wald
    Wend Wint Wold Xan Xel Xor Xim Yar Yeld Yorl Yes Zan Zel Zor Zim"""
)
_SURNAME_ENDINGS = (
    "by combe croft den field ford gate ham hurst land ley low more shaw stead stow ton wick worth".split()
)
_TOWN_ENDINGS = "bourne bridge brook cliff dale haven holm mere moor port ridge thwaite view water wood".split()

SURNAMES = {
    letter: tuple(stem + ending for stem in stems for ending in _SURNAME_ENDINGS) for letter, stems in _STEMS.items()
}
ALL_SURNAMES = tuple(name for group in SURNAMES.values() for name in group)
TOWNS = tuple(stem + ending for stems in _STEMS.values() for stem in stems for ending in _TOWN_ENDINGS)
