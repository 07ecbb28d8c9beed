"""The word lists that usernames are made of: 128 given names and 256 second words, all lower-case ASCII, none twice."""

_GIVEN = """
    anna lucas maria james sofia mateo emma noah olivia liam ava elias mia hugo ella felix lea jonas clara paul
    nora max ida oscar elena marco giulia luca chiara diego carmen pablo lucia javier marta sergio laura andres
    paula camila valentina santiago isabel rafael beatriz joao ines tiago catarina pedro amelie louis chloe jules
    manon theo zoe arthur julia tom eva ben sara tim nina jan lena finn mila leon emily george alice henry grace
    jack ruby oliver daisy charlie rose harry lily sam kate adam jane peter amy david linda mark susan kevin nancy
    brian karen yuki haruto sakura ren aoi kenji mei hana ali omar layla yusuf fatima hassan amira karim priya arjun
    ananya rohan kavya vikram zara imran nadia tariq samir leyla darya ivan olga
"""
_SECOND = """
    smith jones taylor brown wilson davies evans walker wright green hall wood lewis clarke turner moore hill cooper
    ward morris king baker harris allen young scott mitchell parker collins murphy bell bailey cox reed kelly price
    garcia lopez perez sanchez romero torres ruiz diaz moreno alvarez jimenez navarro ramos gil serrano blanco molina
    ortega delgado castro ortiz rubio marin sanz iglesias medina silva santos ferreira pereira costa oliveira martins
    sousa rocha almeida pinto carvalho rossi russo ferrari bianchi romano colombo ricci marino greco bruno gallo conti
    giordano mancini lombardi moretti barbieri fontana mueller schmidt schneider fischer weber meyer wagner becker
    schulz hoffmann koch bauer richter klein wolf schroeder neumann schwarz zimmermann braun krueger hofmann hartmann
    lange werner krause lehmann martin bernard dubois thomas robert petit durand leroy moreau simon laurent lefebvre
    michel duval fournier girard bonnet dupont lambert fontaine rousseau vincent nowak kowalski lewandowski wojcik
    novak svoboda dvorak horvath kovacs toth nagy szabo ivanov petrov sidorov volkov popov sokolov tanaka suzuki
    takahashi watanabe yamamoto nakamura kobayashi kato yoshida yamada sasaki matsumoto kim lee park choi jung kang cho
    yoon jang wang li zhang liu chen yang huang zhao wu zhou singh kumar sharma patel gupta khan ahmed hussain
    studio photo design paint ceramics craft travel runner trail cook kitchen garden coffee books films music vinyl
    skate surf yoga climb bike wild ocean forest river sky moon sun star light shadow color ink paper wool thread clay
    stone wave cloud rain snow fire flora fauna pixel print frame vintage loft atelier bakery market bloom
    meadow harbor lantern
"""
GIVEN_WORDS = tuple(_GIVEN.split())
SECOND_WORDS = tuple(_SECOND.split())
